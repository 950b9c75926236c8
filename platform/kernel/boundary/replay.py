"""A signed call is carried out once, even when somebody who saw it sends it again."""

from __future__ import annotations

from redis import RedisError

from kernel.boundary.signing import WINDOW
from kernel.redis import connection

PREFIX = "boundary:nonce:"
# A timestamp may lie ahead of our clock by one window, and then stays fresh for another.
REMEMBERED = int(2 * WINDOW.total_seconds()) + 1


def is_first(nonce: str) -> bool:
    """Return whether the nonce was never seen before, and remember it.

    Without Redis this says yes: work goes on, and the timestamp alone limits a replay.
    """
    try:
        return bool(connection().set(PREFIX + nonce, 1, nx=True, ex=REMEMBERED))
    except RedisError:
        return True
