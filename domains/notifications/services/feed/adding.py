"""The one place where items come into feeds."""

from __future__ import annotations

from collections.abc import Sequence

from domains.notifications.models import Notification

ROWS_AT_ONCE = 1_000


def add(*, items: Sequence[Notification]) -> None:
    """Write the items into their feeds, in the caller's transaction."""
    Notification.objects.bulk_create(items, batch_size=ROWS_AT_ONCE)
