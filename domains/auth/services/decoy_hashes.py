"""What a password is held against where there is none: a hash that takes as long as a real one.

Passwords that were hashed elsewhere, or long ago, take longer or shorter than ours until their
owner signs in. So that the time doesn't tell who they are, each address without a password has a
kind of hash drawn for it, as often of each kind as there are accounts with it.
"""

from __future__ import annotations

import time
from base64 import b64encode
from dataclasses import dataclass, field
from threading import Lock

from django.db import connections

from domains.auth.services.hashers import CappedArgon2Hasher
from kernel.crypto import sign

FRESH_SECONDS = 600.0
SAMPLED = 10_000
# What says how long a hash takes: algorithm and cost, as Django writes them.
_KIND = r"^(?:argon2\$argon2id\$v=[0-9]+\$m=[0-9]+,t=[0-9]+,p=[0-9]+|pbkdf2_sha256\$[0-9]+)"
_SIZE = "SELECT reltuples FROM pg_class WHERE oid = 'account'::regclass"
_SAMPLE = """
    SELECT substring(password FROM %s) AS kind, count(*)
    FROM account TABLESAMPLE SYSTEM (%s) GROUP BY kind ORDER BY kind
"""


@dataclass
class _Known:
    """The kinds of hashes there are, with how often, as this process saw them lately."""

    kinds: dict[str, int] = field(default_factory=dict)
    asked: float = float("-inf")
    lock: Lock = field(default_factory=Lock)


_known = _Known()


def refresh(*, at_once: bool = False) -> None:
    """Look at the hashes that there are, if it is time; the same for every sign-in."""
    if not at_once and time.monotonic() - _known.asked < FRESH_SECONDS:
        return
    with _known.lock:
        if at_once or time.monotonic() - _known.asked >= FRESH_SECONDS:
            _known.kinds, _known.asked = _sample(), time.monotonic()


def decoy(email: str) -> str:
    """Return a hash that no password has, always of the same kind for the same address."""
    kinds = _known.kinds or {_own_kind(): 1}
    drawn = int(sign("decoy-hash", email.strip().casefold().encode())[:12], 16)
    place = drawn * sum(kinds.values()) >> 48
    for kind, count in kinds.items():
        if place < count:
            return _hash_of(kind)
        place -= count
    return _hash_of(_own_kind())


def _sample() -> dict[str, int]:
    with connections["auth"].cursor() as cursor:
        cursor.execute(_SIZE)
        (rows,) = cursor.fetchone()
        cursor.execute(_SAMPLE, [_KIND, min(100.0, 100.0 * SAMPLED / max(rows, 1.0))])
        return {kind: count for kind, count in cursor.fetchall() if kind}


def _own_kind() -> str:
    cost = CappedArgon2Hasher
    return f"argon2$argon2id$v=19$m={cost.memory_cost},t={cost.time_cost},p={cost.parallelism}"


def _hash_of(kind: str) -> str:
    """Return a hash of the kind, which no password is likely to have."""
    nothing = b64encode(bytes(32)).decode()
    if kind.startswith("argon2$"):
        salt = b64encode(bytes(22)).decode().rstrip("=")
        return f"{kind}${salt}${nothing.rstrip('=')}"
    return f"{kind}$decoy${nothing}"
