"""Proof that a call comes from a process of ours, unaltered and just now.

The signature is an HMAC-SHA256 (RFC 2104) by a key that all processes share, over everything
that has a meaning: what is called, when, for whom, with which body. A captured call can be sent
again for as long as its timestamp is fresh; `replay.py` closes that for calls that change
something. Secrecy, and the authenticity of the answer, are left to TLS (`https://` URLs).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings

WINDOW = timedelta(seconds=30)
VERSION = "v1"
TIMESTAMP = "Tenon-Timestamp"
NONCE = "Tenon-Nonce"
SIGNATURE = "Tenon-Signature"


class BadSignature(Exception):
    """The call isn't signed, or not by a key of ours, or it was altered, or too long ago."""


def sign(*, path: str, context: Mapping[str, str], body: bytes, now: datetime) -> dict[str, str]:
    """Return the headers that prove the call, signed by the first of BOUNDARY_KEYS."""
    timestamp, nonce = str(int(now.timestamp())), secrets.token_hex(16)
    text = _text(path, timestamp, nonce, context, body)
    signature = f"{VERSION}={_mac(settings.BOUNDARY_KEYS[0], text)}"
    return {TIMESTAMP: timestamp, NONCE: nonce, SIGNATURE: signature}


def verify(
    *,
    path: str,
    context: Mapping[str, str],
    body: bytes,
    headers: Mapping[str, str],
    now: datetime,
) -> None:
    """Raise `BadSignature` unless any of BOUNDARY_KEYS signed exactly this within the window."""
    timestamp, nonce = headers.get(TIMESTAMP, ""), headers.get(NONCE, "")
    if not is_fresh(timestamp, now=now):
        raise BadSignature("The call isn't of this moment.")
    if not nonce:
        raise BadSignature("The call has no nonce.")
    given = headers.get(SIGNATURE, "").encode()
    text = _text(path, timestamp, nonce, context, body)
    expected = [f"{VERSION}={_mac(key, text)}".encode() for key in settings.BOUNDARY_KEYS]
    if not any(hmac.compare_digest(given, signature) for signature in expected):
        raise BadSignature("The signature fits no key.")


def is_fresh(timestamp: str, *, now: datetime) -> bool:
    """Return whether the timestamp (whole seconds since 1970) is within the window around now."""
    if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 12):  # noqa: PLR2004
        return False
    return abs(now.timestamp() - int(timestamp)) <= WINDOW.total_seconds()


def _text(path: str, timestamp: str, nonce: str, context: Mapping[str, str], body: bytes) -> bytes:
    named = (f"{name}:{context[name]}" for name in sorted(context))
    digest = hashlib.sha256(body).hexdigest()
    # A header's value can't hold a line break, so no part can pass for another.
    return "\n".join([VERSION, "POST", path, timestamp, nonce, *named, digest]).encode()


def _mac(key: str, text: bytes) -> str:
    return hmac.new(key.encode(), text, hashlib.sha256).hexdigest()
