"""Proof that whoever registered an address reads its mail."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet

from domains.auth.contract.errors import (
    AccountNotFound,
    EmailAlreadyVerified,
    RegistrationExpired,
    VerificationTokenInvalid,
)
from domains.auth.contract.events import AccountRegistered
from domains.auth.models import Account, Registration, VerificationToken
from domains.auth.services import accounts, decoys, passwords
from domains.auth.services.normalization import clean_email
from kernel.crypto import hash_secret, new_secret
from kernel.db import transaction
from kernel.events import publish

TOKEN_LIFETIME = timedelta(hours=24)
# Longer than a token lives, so that a mail which leaves late can still carry one.
REGISTRATION_LIFETIME = timedelta(days=7)


def issue_email_verification(*, account_id: UUID, now: datetime) -> str:
    """Return a fresh one-time token for the registration that waits for its mail."""
    token = new_secret()
    with transaction("auth"):
        account = Account.objects.select_for_update().filter(id=account_id).first()
        if account is None:
            raise AccountNotFound
        if account.email_verified_at is not None:
            raise EmailAlreadyVerified
        VerificationToken.objects.create(
            registration=_next_registration(account, now=now),
            token_hash=hash_secret(token),
            created_at=now,
            expires_at=now + TOKEN_LIFETIME,
        )
    return token


def _next_registration(account: Account, *, now: datetime) -> Registration:
    """Return the oldest registration that no mail was made for yet, otherwise the newest.

    So each mail of several registrations carries the token of its own one, and nobody's
    password slips into the mail of another's registration.
    """
    live = Registration.objects.filter(account=account, expires_at__gt=now)
    waiting = live.filter(tokens__isnull=True).order_by("created_at", "id")
    found = waiting.first() or live.order_by("-created_at", "-id").first()
    if found is None:
        raise RegistrationExpired
    return found


def resend(*, email: str, now: datetime) -> None:
    """Have one more mail sent to the address if its account waits for it.

    Known or not, proven or not, the statements are the same. Raise `EmailInvalid`.
    """
    email = clean_email(email)
    with transaction("auth"):
        account = Account.objects.with_email(email).select_for_update().first()
        real = account is not None and account.email_verified_at is None and account.is_active
        waiting = account if account and real else decoys.stand_in(email)
        with decoys.kept_only_if(real):
            Registration.objects.create(
                account=waiting,
                password=_tried_password(waiting, now=now),
                created_at=now,
                expires_at=now + REGISTRATION_LIFETIME,
            )
            publish(AccountRegistered(account_id=waiting.id))


def _tried_password(account: Account, *, now: datetime) -> str:
    """Return the hash of the one password that the address was registered with lately.

    Of several, nobody knows which is the asker's: then the proof brings none, and its owner
    chooses one by a reset. Two index entries tell, so that many attempts take no longer than one.
    """
    live = Registration.objects.filter(account=account, expires_at__gt=now)
    ends = (
        live.order_by(by).values_list("password", flat=True)[:1] for by in ("password", "-password")
    )
    tried = list(QuerySet.union(*ends))
    return tried[0] if len(tried) == 1 else passwords.UNUSABLE


def verify_email(*, token: str, now: datetime) -> None:
    """Prove the mailbox, and give the account the password of the token's registration.

    Raise `VerificationTokenInvalid` for a token that is unknown, used or too old.
    """
    with transaction("auth"):
        # One lock for all tokens of the account: of two at once the second finds it proven.
        found = (
            VerificationToken.objects.select_for_update(of=("registration__account",))
            .select_related("registration__account")
            .filter(token_hash=hash_secret(token), expires_at__gt=now)
            .filter(registration__account__email_verified_at__isnull=True)
            # Somebody else may have taken the address while this waited for the lock.
            .filter(registration__account__erased_at__isnull=True)
            .first()
        )
        if found is None:
            raise VerificationTokenInvalid(pointer="/token")
        registration = found.registration
        accounts.prove_mailbox(registration.account, password=registration.password, now=now)
