"""A new password for whoever reads the account's mail. It signs nobody in."""

from __future__ import annotations

from datetime import datetime, timedelta

from domains.auth.contract.errors import EmailNotVerified, MailTokenInvalid
from domains.auth.contract.events import (
    PasswordChanged,
    PasswordResetForced,
    PasswordResetRequested,
)
from domains.auth.models import Account, MailProof, Session
from domains.auth.services import decoys, endings, lockout, mail_proofs, passwords
from domains.auth.services.normalization import clean_email
from kernel.crypto import hash_secret
from kernel.db import transaction
from kernel.events import publish

LIFETIME = timedelta(minutes=30)
Purpose = MailProof.Purpose


def request_reset(*, email: str, now: datetime) -> None:
    """Have a mail sent to the address if its account can have a new password.

    Whether it can, or is there at all, changes neither the statements nor the time. Raise
    `EmailInvalid`.
    """
    email = clean_email(email)
    account = Account.objects.with_email(email).first()
    real = account is not None and _may_reset(account)
    with decoys.kept_only_if(real):
        request_for(account if account and real else decoys.stand_in(email), now=now)


def request_for(account: Account, *, now: datetime) -> None:
    """Have the mail sent. Runs in the caller's transaction."""
    proof = _open_proof(account, now=now)
    publish(PasswordResetRequested(account_id=account.id, proof_id=proof.id))


def reset(*, token: str, password: str, now: datetime) -> None:
    """Give the account of the mailed token a new password, and end all that began with others.

    No session begins, so that no second factor is passed by. A password that is refused leaves
    the token good. Raise `MailTokenInvalid`, `ValidationFailed` or `HashingBusy`.
    """
    account = _owner_of(token, now=now)
    passwords.check_new_password(password=password, account=account)
    encoded = passwords.hash_password(password)
    with transaction("auth"):
        proof = mail_proofs.redeem(token=token, purpose=Purpose.PASSWORD_RESET, now=now)
        account = proof.account
        if not _may_reset(account):
            raise MailTokenInvalid(pointer="/token")
        passwords.store(account, password=password, encoded=encoded, now=now)
        lockout.lift(account)
        endings.end_everything(account, reason=Session.Reason.PASSWORD, now=now)
        publish(PasswordChanged(account_id=account.id, by_reset=True))


def force_password_reset(account: Account, *, reason: str, now: datetime) -> None:
    """Let nobody in to the account before its owner chose a new password, by a mail to them.

    Nobody of the staff learns or chooses it. Raise `AccountNotFound` or `EmailNotVerified`.
    """
    with transaction("auth"):
        locked = endings.lock(account.id)
        if locked.email_verified_at is None:
            raise EmailNotVerified
        locked.password_reset_required_at = now
        locked.save(update_fields=["password_reset_required_at"])
        endings.end_everything(locked, reason=Session.Reason.STAFF, now=now)
        proof = _open_proof(locked, now=now)
        publish(PasswordResetForced(account_id=locked.id, proof_id=proof.id, reason=reason))


def _may_reset(account: Account) -> bool:
    return account.email_verified_at is not None and account.is_active and account.erase_at is None


def _open_proof(account: Account, *, now: datetime) -> MailProof:
    return mail_proofs.open_proof(
        account,
        purpose=Purpose.PASSWORD_RESET,
        address=account.email,
        lifetime=LIFETIME,
        now=now,
    )


def _owner_of(token: str, *, now: datetime) -> Account:
    """Return whose token it is, to know the rules for the password before anything is locked."""
    proofs = MailProof.objects.filter(
        purpose=Purpose.PASSWORD_RESET, used_at=None, expires_at__gt=now
    )
    found = proofs.select_related("account").filter(secrets__token_hash=hash_secret(token)).first()
    if found is None:
        raise MailTokenInvalid(pointer="/token")
    return found.account
