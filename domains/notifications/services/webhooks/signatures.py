"""Signatures by Standard Webhooks 1.0: `v1` with a shared secret, `v1a` with a key pair."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

SECRET_PREFIX = "whsec_"  # noqa: S105  how the standard writes secrets
PUBLIC_PREFIX = "whpk_"
_PRIVATE_PREFIX = "whsk_"
_SECRET_BYTES = 32


@dataclass(frozen=True, kw_only=True)
class Signers:
    """What signs for one endpoint at the moment, the newest first."""

    secrets: Sequence[str]
    private_keys: Sequence[str]


def new_secret() -> str:
    """Return a fresh shared secret of 256 bits: `whsec_…`."""
    return SECRET_PREFIX + b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def new_private_key() -> str:
    """Return a fresh ed25519 key: `whsk_…`, of which the public half is told."""
    return _PRIVATE_PREFIX + b64encode(Ed25519PrivateKey.generate().private_bytes_raw()).decode()


def public_key(private_key: str) -> str:
    """Return the public half of the key: `whpk_…`."""
    return PUBLIC_PREFIX + b64encode(_key(private_key).public_key().public_bytes_raw()).decode()


def headers(*, event_id: UUID, at: datetime, body: str, by: Signers) -> dict[str, str]:
    """Return the headers of one attempt at that instant; the id is the same in each attempt."""
    seconds = str(int(at.timestamp()))
    signed = f"{event_id}.{seconds}.{body}".encode()
    signatures = [f"v1,{_mac(secret, signed)}" for secret in by.secrets]
    signatures += [f"v1a,{_signature(key, signed)}" for key in by.private_keys]
    return {
        "webhook-id": str(event_id),
        "webhook-timestamp": seconds,
        "webhook-signature": " ".join(signatures),
    }


def _mac(secret: str, signed: bytes) -> str:
    key = b64decode(secret.removeprefix(SECRET_PREFIX))
    return b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def _signature(private_key: str, signed: bytes) -> str:
    return b64encode(_key(private_key).sign(signed)).decode()


def _key(private_key: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(
        b64decode(private_key.removeprefix(_PRIVATE_PREFIX))
    )
