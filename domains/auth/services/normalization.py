"""One spelling for what Unicode can spell in several ways."""

from __future__ import annotations

import unicodedata

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from domains.auth.contract.errors import EmailInvalid

EMAIL_MAX_LENGTH = 254  # RFC 5321, 4.5.3.1.3, without the angle brackets


def nfkc(password: str) -> str:
    """Return the password as it is hashed, however it was typed (SP 800-63B, 3.1.1)."""
    return unicodedata.normalize("NFKC", password)


def clean_email(email: str) -> str:
    """Return the address composed, otherwise as typed; raise `EmailInvalid`."""
    composed = unicodedata.normalize("NFC", email.strip())
    try:
        validate_email(composed)
    except ValidationError as error:
        raise EmailInvalid(pointer="/email") from error
    if len(composed) > EMAIL_MAX_LENGTH:
        raise EmailInvalid(pointer="/email")
    return composed
