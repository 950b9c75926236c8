"""Registering an address, without telling anybody whether it is known."""

from __future__ import annotations

from datetime import datetime

from domains.auth.contract.events import AccountRegistered, RegistrationRepeated
from domains.auth.models import Registration
from domains.auth.services import accounts, passwords
from domains.auth.services.normalization import clean_email
from domains.auth.services.verification import REGISTRATION_LIFETIME
from kernel.db import transaction
from kernel.events import publish


def register(*, email: str, password: str, now: datetime) -> None:
    """Record the registration and have a mail sent to the address.

    Known or not, the work is the same: one hash and the same statements. The password counts
    once the mailbox is proven with this registration's token, so that nobody can prepare an
    account for somebody else's address. Raise `EmailInvalid` or `ValidationFailed`.
    """
    email = clean_email(email)
    passwords.check_password_rules(password=password, email=email)
    encoded = passwords.hash_password(password)
    with transaction("auth"):
        account, _ = accounts.lock_account(email=email, now=now)
        proven = account.email_verified_at is not None
        Registration.objects.create(
            account=account,
            password=passwords.UNUSABLE if proven else encoded,
            created_at=now,
            expires_at=now + REGISTRATION_LIFETIME,
        )
        if proven:
            publish(RegistrationRepeated(account_id=account.id))
        else:
            publish(AccountRegistered(account_id=account.id))
