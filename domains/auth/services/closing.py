"""Closing an account, with seven days to think again."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from domains.auth.contract.errors import MailTokenInvalid, StaffStays
from domains.auth.contract.events import AccountClosed, AccountReopened
from domains.auth.models import Account, MailProof, Session
from domains.auth.services import endings, erasure, mail_proofs, people
from kernel.db import transaction
from kernel.events import publish
from kernel.principal import Principal

TIME_TO_UNDO = timedelta(days=7)


def close(principal: Principal, *, now: datetime) -> datetime:
    """Close the caller's account, and return when it will be erased.

    Until then a mail can undo it, and nobody gets in. Raise `SessionRequired`, or `StaffStays`:
    what staff did must stay theirs until other staff have taken their rights.
    """
    account_id, session_id = people.session_of(principal)
    return close_account(account_id=account_id, session_id=session_id, immediately=False, now=now)


def close_account(
    *, account_id: UUID, session_id: UUID, immediately: bool, now: datetime
) -> datetime:
    """Close the account of the session; erase it in the same breath if that was asked for.

    Return when it will be erased, or was. Raise `Unauthenticated` if the session has ended,
    `AccountNotFound` or `StaffStays`.
    """
    with transaction("auth"):
        account = people.lock_account(account_id=account_id, session_id=session_id)
        if account.is_staff:
            raise StaffStays
        if immediately:
            erasure.erase(account, now=now)
            return now
        return _close(account, now)


def _close(account: Account, now: datetime) -> datetime:
    erase_at = account.erase_at = now + TIME_TO_UNDO
    account.save(update_fields=["erase_at"])
    endings.end_everything(account, reason=Session.Reason.CLOSED, now=now)
    proof = mail_proofs.open_proof(
        account,
        purpose=MailProof.Purpose.CLOSING_UNDO,
        address=account.email,
        lifetime=TIME_TO_UNDO,
        now=now,
    )
    publish(AccountClosed(account_id=account.id, undo_proof_id=proof.id, erase_at=erase_at))
    return erase_at


def reopen(*, token: str, now: datetime) -> None:
    """Take the closing back with the token from the mail; raise `MailTokenInvalid`."""
    with transaction("auth"):
        proof = mail_proofs.redeem(token=token, purpose=MailProof.Purpose.CLOSING_UNDO, now=now)
        if proof.account.erase_at is None:
            raise MailTokenInvalid(pointer="/token")
        take_back(proof.account)


def take_back(account: Account) -> None:
    """Open the account, which is locked and closing, again. Runs in the caller's transaction."""
    account.erase_at = None
    account.save(update_fields=["erase_at"])
    unused = account.mail_proofs.filter(purpose=MailProof.Purpose.CLOSING_UNDO, used_at=None)
    unused.delete()
    publish(AccountReopened(account_id=account.id))
