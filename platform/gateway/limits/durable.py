"""The limits of sensitive operations while Redis is away: PostgreSQL counts, exactly.

Windows are fixed here: one starts with its first request.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connections

from gateway.limits.windows import Count, Window

_COUNT = """
    INSERT INTO rate_counter AS known (key, count, expires_at) VALUES (%(key)s, 1, %(expiry)s)
    ON CONFLICT (key) DO UPDATE SET
        count = CASE WHEN known.expires_at <= %(now)s THEN 1 ELSE known.count + 1 END,
        expires_at = CASE WHEN known.expires_at <= %(now)s THEN excluded.expires_at
                          ELSE known.expires_at END
    RETURNING count, expires_at
"""


def ask(alias: str, windows: list[Window], *, now: datetime) -> list[Count]:
    """Return the counts in the domain's database, with this request in them."""
    return [_ask(alias, window, now) for window in windows]


def _ask(alias: str, window: Window, now: datetime) -> Count:
    expiry = now + timedelta(seconds=window.seconds)
    with connections[alias].cursor() as cursor:
        cursor.execute(_COUNT, {"key": window.key, "expiry": expiry, "now": now})
        count, expires_at = cursor.fetchone()
    resets_in = int((expires_at - now).total_seconds()) + 1
    return Count(
        name=window.name,
        quota=window.quota,
        seconds=window.seconds,
        left=max(0, window.quota - count),
        resets_in=resets_in,
        wait=resets_in if count > window.quota else 0,
    )
