"""Short-lived facts that processes share through Redis.

A fact only spares a question: whoever needs it asks its owner when it is not there, so losing
one is harmless, and so is Redis being away.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from redis import RedisError

from kernel.redis import connection

PREFIX = "fact:"
AT_ONCE = 1_000


def put(key: str, value: str, *, ttl: int, only_if_absent: bool = False) -> bool:
    """Remember the value for `ttl` seconds; return whether it was stored."""
    try:
        return bool(connection().set(PREFIX + key, value, ex=ttl, nx=only_if_absent))
    except RedisError:
        return False


def get(key: str) -> str | None:
    """Return the value, or None if it isn't known."""
    try:
        value = connection().get(PREFIX + key)
    except RedisError:
        return None
    return value.decode() if isinstance(value, bytes) else None


def forget(key: str) -> None:
    """Remove the fact."""
    try:
        connection().delete(PREFIX + key)
    except RedisError:
        return


def forget_all(prefix: str) -> None:
    """Remove every fact whose key begins so, a thousand at a time."""
    try:
        for keys in _batches(connection().scan_iter(f"{PREFIX}{prefix}*", count=AT_ONCE)):
            connection().unlink(*keys)
    except RedisError:
        return


def _batches(keys: Iterator[bytes]) -> Iterator[list[bytes]]:
    while batch := list(islice(keys, AT_ONCE)):
        yield batch
