"""Which passwords are taken, and whether one is right."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth import password_validation
from django.contrib.auth.hashers import (
    get_hasher,
    identify_hasher,
    make_password,
    verify_password,
)
from django.core.exceptions import ValidationError

from domains.auth.models import Account
from domains.auth.services import breaches, own_names
from domains.auth.services.normalization import nfkc
from domains.auth.services.validators import LengthRule, is_short
from kernel.errors import FieldError, ValidationFailed

# Stands where there is no password: never right, and as slow to refuse as a wrong one.
UNUSABLE = "!"


def check_password_rules(*, password: str, email: str) -> None:
    """Raise `ValidationFailed`, naming every rule that the password breaks for a new account."""
    check_new_password(password=password, account=Account(email=email))


def check_new_password(*, password: str, account: Account, pointer: str = "/password") -> None:
    """Raise `ValidationFailed`, naming every rule that the password breaks for this account.

    It may ask other services, so it is called before a transaction is open.
    """
    try:
        password_validation.validate_password(nfkc(password), account)
        own_names.refuse_own_name(password, account=account)
        breaches.refuse_breached(password)
    except ValidationError as error:
        raise _failed(error, pointer=pointer) from error


def hash_password(password: str) -> str:
    """Return what is stored instead of the password; raise `HashingBusy`."""
    return make_password(password)


def is_right(*, password: str, stored: str | None) -> bool:
    """Return whether the password is the stored one; raise `HashingBusy`.

    It takes one hash whether there is a stored one or not, so that nobody learns it from the time.
    """
    right, _ = verify_password(password, stored or UNUSABLE)
    return right


def renewed(*, password: str, stored: str) -> str | None:
    """Return a present hash of the right password if the stored one is an older or foreign one."""
    is_old = identify_hasher(stored).algorithm != (own := get_hasher()).algorithm
    return make_password(password) if is_old or own.must_update(stored) else None


def store(
    account: Account, *, password: str, encoded: str, now: datetime, pointer: str = "/password"
) -> None:
    """Give the account, which is locked, the password whose hash is `encoded`.

    Raise `ValidationFailed` if the second factor that a short one leaned on has gone meanwhile.
    """
    try:
        LengthRule().validate(nfkc(password), account)
    except ValidationError as error:
        raise _failed(error, pointer=pointer) from error
    account.password, account.password_changed_at = encoded, now
    account.password_is_short = is_short(nfkc(password))
    account.password_reset_required_at = None
    account.save(
        update_fields=[
            "password",
            "password_changed_at",
            "password_is_short",
            "password_reset_required_at",
        ]
    )


def _failed(error: ValidationError, *, pointer: str) -> ValidationFailed:
    return ValidationFailed(
        errors=[
            FieldError(pointer=pointer, code=f"auth.{e.code}", detail=" ".join(e.messages))
            for e in error.error_list
        ]
    )
