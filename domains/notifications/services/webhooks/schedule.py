"""When a failed attempt is made again, and when an endpoint has failed for too long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from random import SystemRandom

# As Standard Webhooks recommends: the tenth failure is the last.
WAITS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
MOST_ATTEMPTS = len(WAITS) + 1
DISABLED_AFTER = timedelta(days=5)
# No answer may put a delivery off for longer.
LONGEST = timedelta(hours=24)
_JITTER = 0.2
_random = SystemRandom()


def next_attempt_at(
    *, attempts: int, retry_after: timedelta | None, now: datetime
) -> datetime | None:
    """Return when to try again after so many failures; None when it is over.

    Up to a fifth of the wait is added by chance, so that what failed together doesn't return
    together. `Retry-After` makes it longer, never shorter.
    """
    if attempts >= MOST_ATTEMPTS:
        return None
    wait = WAITS[attempts - 1] * _random.uniform(1, 1 + _JITTER)
    return now + max(wait, min(retry_after or wait, LONGEST))


def read_retry_after(text: str, *, now: datetime) -> timedelta | None:
    """Return how long `Retry-After` asks to wait (RFC 9110, 10.2.3); None if it can't be read."""
    if text.isdecimal() and text.isascii():
        return min(timedelta(seconds=int(text[:9])), LONGEST)
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    wait = at.replace(tzinfo=at.tzinfo or UTC) - now
    return min(wait, LONGEST) if wait > timedelta() else None


def failed_for_too_long(*, since: datetime, now: datetime) -> bool:
    """Return whether an endpoint that took nothing since then is disabled."""
    return now - since >= DISABLED_AFTER
