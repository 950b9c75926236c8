"""The secrets of an endpoint: encrypted at rest, shown once, rotated with an overlap."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from domains.notifications.models import WebhookEndpoint
from domains.notifications.services.webhooks.signatures import (
    Signers,
    new_private_key,
    new_secret,
    public_key,
)
from kernel.crypto import decrypt, encrypt


def give(endpoint: WebhookEndpoint, *, asymmetric: bool) -> str:
    """Give a new endpoint its secret, and a key pair if it wants one; return the secret."""
    secret = new_secret()
    endpoint.secret_encrypted = encrypt(secret)
    if asymmetric:
        _give_key(endpoint)
    return secret


def rotate(endpoint: WebhookEndpoint, *, overlap: timedelta, now: datetime) -> str:
    """Give the endpoint new secrets and return the shared one; the present ones sign until then.

    What was former already signs no more.
    """
    secret = new_secret()
    endpoint.former_secret_encrypted = endpoint.secret_encrypted
    endpoint.former_private_key_encrypted = endpoint.private_key_encrypted
    endpoint.former_until = now + overlap
    endpoint.secret_encrypted = encrypt(secret)
    if endpoint.private_key_encrypted:
        _give_key(endpoint)
    return secret


def _give_key(endpoint: WebhookEndpoint) -> None:
    key = new_private_key()
    endpoint.private_key_encrypted = encrypt(key)
    endpoint.public_keys = [public_key(key), *endpoint.public_keys[:1]]


def public_keys(endpoint: WebhookEndpoint, *, now: datetime) -> list[str]:
    """Return the keys by which `v1a` is verified at the moment, the newest first."""
    return endpoint.public_keys[: 2 if _overlaps(endpoint, now) else 1]


def signers(endpoint: WebhookEndpoint, *, now: datetime) -> Signers:
    """Return what signs for the endpoint; raise `CannotDecrypt`."""
    overlaps = _overlaps(endpoint, now)
    keys = [endpoint.private_key_encrypted, overlaps and endpoint.former_private_key_encrypted]
    shared = [endpoint.secret_encrypted, overlaps and endpoint.former_secret_encrypted]
    return Signers(secrets=_decrypted(shared), private_keys=_decrypted(keys))


def _overlaps(endpoint: WebhookEndpoint, now: datetime) -> bool:
    return endpoint.former_until is not None and now < endpoint.former_until


def _decrypted(tokens: Iterable[str | bool]) -> list[str]:
    return [decrypt(token) for token in tokens if isinstance(token, str) and token]
