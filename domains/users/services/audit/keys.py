"""The keys that sign anchors: Ed25519 (RFC 8032), made from AUDIT_SIGNING_KEYS by HKDF."""

from __future__ import annotations

import hashlib
from functools import cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

PURPOSE = b"tenon.audit.anchor.v1"


def sign(message: bytes) -> tuple[str, bytes]:
    """Return the newest key's id, and its signature of the message."""
    key = _private_key(settings.AUDIT_SIGNING_KEYS[0])
    return key_id_of(key.public_key()), key.sign(message)


def verify(message: bytes, *, key_id: str, signature: bytes) -> bool:
    """Return whether the key of that id, one of those configured, signed the message."""
    key = public_keys().get(key_id)
    if key is None:
        return False
    try:
        key.verify(signature, message)
    except InvalidSignature:
        return False
    return True


def public_keys() -> dict[str, Ed25519PublicKey]:
    """Return the public keys by their ids, the one that signs first."""
    keys = (_private_key(secret).public_key() for secret in settings.AUDIT_SIGNING_KEYS)
    return {key_id_of(key): key for key in keys}


def key_id_of(key: Ed25519PublicKey) -> str:
    """Return what an anchor calls the key by: a part of its hash."""
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()[:16]


@cache
def _private_key(secret: str) -> Ed25519PrivateKey:
    seed = HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE).derive(secret.encode())
    return Ed25519PrivateKey.from_private_bytes(seed)
