"""Secrets: encrypted or hashed at rest, signed in transit, compared in constant time."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from functools import cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class CannotDecrypt(Exception):
    """The text was encrypted with a key that is no longer configured, or was altered."""


@cache
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    derived = (hashlib.sha256(b"field-encryption:" + key.encode()).digest() for key in keys)
    return MultiFernet([Fernet(urlsafe_b64encode(key)) for key in derived])


def encrypt(text: str) -> str:
    """Return the text encrypted and authenticated with the newest of FIELD_ENCRYPTION_KEYS."""
    return _fernet(tuple(settings.FIELD_ENCRYPTION_KEYS)).encrypt(text.encode()).decode()


def decrypt(token: str) -> str:
    """Return what `encrypt` was given; raise `CannotDecrypt` if no configured key fits."""
    try:
        return _fernet(tuple(settings.FIELD_ENCRYPTION_KEYS)).decrypt(token).decode()
    except (InvalidToken, ValueError) as error:
        raise CannotDecrypt from error


def new_secret() -> str:
    """Return a fresh secret of 256 bits, safe in a URL."""
    return secrets.token_urlsafe(32)


def hash_secret(secret: str) -> str:
    """Return the SHA-256 of a secret of high entropy in hex: what is stored instead of it."""
    return hashlib.sha256(secret.encode()).hexdigest()


def equal(a: str, b: str) -> bool:
    """Return whether two secrets are the same, in constant time."""
    return hmac.compare_digest(a.encode(), b.encode())


def _mac(key: str, purpose: str, data: bytes) -> str:
    return hmac.new(key.encode(), purpose.encode() + b"\0" + data, hashlib.sha256).hexdigest()


def sign(purpose: str, data: bytes) -> str:
    """Return the HMAC-SHA256 of the data for one purpose, in hex, by the newest SIGNING_KEYS."""
    return _mac(settings.SIGNING_KEYS[0], purpose, data)


def verify(purpose: str, data: bytes, signature: str) -> bool:
    """Return whether the signature is by any configured key, in constant time."""
    matches = [equal(_mac(key, purpose, data), signature) for key in settings.SIGNING_KEYS]
    return any(matches)
