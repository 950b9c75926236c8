"""Another address: confirmed at the new one, and taken back from the former one for seven days."""

from __future__ import annotations

from datetime import datetime, timedelta

from domains.auth.contract.errors import MailTokenInvalid
from domains.auth.contract.events import (
    EmailChanged,
    EmailChangeRequested,
    EmailChangeUndone,
    RegistrationRepeated,
)
from domains.auth.models import Account, MailProof, Session
from domains.auth.services import (
    addresses,
    closing,
    endings,
    mail_proofs,
    password_reset,
    people,
    ways_in,
)
from domains.auth.services.normalization import clean_email
from kernel.db import transaction
from kernel.events import publish
from kernel.principal import Principal

TIME_TO_CONFIRM = timedelta(hours=24)
TIME_TO_UNDO = timedelta(days=7)
Purpose = MailProof.Purpose


def request_change(principal: Principal, *, email: str, now: datetime) -> None:
    """Have a mail sent to the address that lets its reader confirm it for the caller's account.

    If another account has proven the address, its owner is told that it is known instead; the
    statements are the same. Raise `SessionRequired` or `EmailInvalid`.
    """
    email = clean_email(email)
    with transaction("auth"):
        account = people.lock_account_of(principal)
        holder = addresses.proven_holder(email, besides=account)
        account.mail_proofs.filter(purpose=Purpose.EMAIL_CHANGE, used_at=None).update(used_at=now)
        proof = mail_proofs.open_proof(
            account,
            purpose=Purpose.EMAIL_CHANGE,
            address=email,
            lifetime=TIME_TO_CONFIRM,
            now=now,
            spent=holder is not None,
        )
        if holder is None:
            publish(EmailChangeRequested(account_id=account.id, proof_id=proof.id))
        else:
            publish(RegistrationRepeated(account_id=holder.id))


def confirm(*, token: str, now: datetime) -> None:
    """Give the account the address that the token was mailed to, and end all its sessions.

    Raise `MailTokenInvalid`, or `EmailUnavailable` if somebody else has proven the address.
    """
    with transaction("auth"):
        proof = mail_proofs.redeem(token=token, purpose=Purpose.EMAIL_CHANGE, now=now)
        account = proof.account
        if not account.is_active or account.erase_at is not None:
            raise MailTokenInvalid(pointer="/token")
        former = account.email
        addresses.move(account, to=proof.address, now=now)
        endings.end_everything(account, reason=Session.Reason.EMAIL, now=now)
        undo = mail_proofs.open_proof(
            account,
            purpose=Purpose.EMAIL_CHANGE_UNDO,
            address=former,
            lifetime=TIME_TO_UNDO,
            now=now,
        )
        publish(EmailChanged(account_id=account.id, undo_proof_id=undo.id))


def undo(*, token: str, now: datetime) -> None:
    """Give the account its former address back, and have its owner choose a new password.

    Whoever changed the address may be a thief: their sessions, the ways in that they made since,
    and a closing end too. Raise `MailTokenInvalid` or `EmailUnavailable`.
    """
    with transaction("auth"):
        proof = mail_proofs.redeem(token=token, purpose=Purpose.EMAIL_CHANGE_UNDO, now=now)
        account = proof.account
        addresses.move(account, to=proof.address, now=now)
        account.password_reset_required_at = now
        account.save(update_fields=["password_reset_required_at"])
        endings.end_everything(account, reason=Session.Reason.EMAIL, now=now)
        ways_in.remove_made_since(account, proof.created_at, now=now)
        _drop_later_undos(account, proof)
        if account.erase_at is not None:
            closing.take_back(account)
        publish(EmailChangeUndone(account_id=account.id))
        password_reset.request_for(account, now=now)


def _drop_later_undos(account: Account, proof: MailProof) -> None:
    """Whoever had the address after this change has nothing to take back."""
    later = account.mail_proofs.filter(
        purpose=Purpose.EMAIL_CHANGE_UNDO, used_at=None, created_at__gte=proof.created_at
    )
    later.delete()
