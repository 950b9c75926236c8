"""Telling every process with live streams that something in feeds has changed.

Only a doorbell: what has changed is read from PostgreSQL, and looked for without it too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from redis import RedisError

from kernel.db import run_after_commit
from kernel.redis import connection

CHANNEL = "notifications:feeds"


def ring(*, account_ids: Sequence[UUID]) -> None:
    """Have the streams of these accounts look, once the present transaction is committed."""
    if account_ids:
        run_after_commit("notifications", lambda: _publish(account_ids))


def _publish(account_ids: Iterable[UUID]) -> None:
    try:
        connection().publish(CHANNEL, b"".join(each.bytes for each in account_ids))
    except RedisError:
        return


def heard(data: bytes) -> set[UUID]:
    """Return the accounts that one ring names."""
    return {UUID(bytes=data[at : at + 16]) for at in range(0, len(data), 16)}
