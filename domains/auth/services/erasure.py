"""The end of an account: all that is known of its owner goes, and a row without a person stays."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from domains.auth.contract.events import AccountErased, PersonErased
from domains.auth.models import Account, MailProof, Session
from domains.auth.services import sessions
from domains.auth.services.privacy import HOLDINGS
from kernel.db import transaction
from kernel.erasure import mark_of
from kernel.events import publish
from kernel.privacy import Person
from kernel.privacy import erase as erase_holdings


def erase_due(*, now: datetime) -> int:
    """Erase the accounts whose time to be opened again is over; return how many."""
    due = Account.objects.filter(erase_at__lte=now, erased_at=None)
    erased = 0
    for account_id in list(due.values_list("id", flat=True)):
        with transaction("auth"):
            account = due.select_for_update().filter(id=account_id).first()
            if account is not None:
                erase(account, now=now)
                erased += 1
    return erased


def erase(account: Account, *, now: datetime) -> None:
    """Erase the account, which is locked, for good. Runs in the caller's transaction."""
    marks = tuple(mark_of(address) for address in proven_addresses(account))
    sessions.revoke_sessions(reason=Session.Reason.CLOSED, now=now, account_id=account.id)
    erased = erase_holdings(HOLDINGS, Person(account_id=account.id))
    Account.objects.filter(id=account.id).update(erased_at=now)
    publish(
        AccountErased(account_id=account.id, address_marks=marks),
        PersonErased(account_id=account.id, items=erased),
    )


def proven_addresses(account: Account) -> set[str]:
    """Return the account's address, and former ones that nobody else has since.

    One that was never proven is somebody else's: their invitations must not go with the account.
    """
    if account.email_verified_at is None:
        return set()
    undo = MailProof.objects.filter(account=account, purpose=MailProof.Purpose.EMAIL_CHANGE_UNDO)
    former = set(undo.values_list("address", flat=True))
    # Once changed, the account has no former address: whoever has it is somebody else.
    free = {address for address in former if not Account.objects.with_email(address).exists()}
    return {account.email} | free


def get_proven_addresses(*, account_id: UUID) -> list[str]:
    """Return the addresses by which the account's owner is found elsewhere; none if it is gone."""
    account = Account.objects.filter(id=account_id, erased_at=None).first()
    return sorted(proven_addresses(account)) if account else []
