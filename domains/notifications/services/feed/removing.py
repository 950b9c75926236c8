"""Taking items out of many feeds at once: what is erased, and what is old and done with."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connections
from django.db.models import Q, QuerySet

from domains.notifications.models import Feed, Notification, StreamTicket
from domains.notifications.services.feed import doorbell
from kernel.db import transaction

ROWS_AT_ONCE = 1_000

_REMOVE = """
    WITH gone AS (
        DELETE FROM notification WHERE id IN ({chosen})
        RETURNING account_id, sequence, read_at, archived_at
    ), counted AS (
        SELECT f.account_id,
            count(*) FILTER (WHERE g.read_at IS NULL) AS unread,
            count(*) FILTER (WHERE g.sequence > f.seen_sequence) AS unseen
        FROM gone g JOIN feed f ON f.account_id = g.account_id
        WHERE g.archived_at IS NULL GROUP BY f.account_id
    )
    UPDATE feed f SET unread = f.unread - c.unread, unseen = f.unseen - c.unseen
    FROM counted c WHERE f.account_id = c.account_id
"""


def remove(items: QuerySet[Notification]) -> None:
    """Delete the items and correct the counts of their feeds, in the caller's transaction."""
    account_ids = list(items.order_by().values_list("account_id", flat=True).distinct())
    if not account_ids:
        return
    _lock(account_ids)
    of_locked = items.filter(account_id__in=account_ids).order_by()
    chosen, parameters = of_locked.values("id").query.get_compiler("notifications").as_sql()
    with connections["notifications"].cursor() as cursor:
        cursor.execute(_REMOVE.format(chosen=chosen), parameters)
    doorbell.ring(account_ids=account_ids)


def _lock(account_ids: list[UUID]) -> None:
    feeds = Feed.objects.filter(account_id__in=account_ids).order_by("account_id")
    list(feeds.select_for_update().values_list("account_id", flat=True))


def forget_done(*, now: datetime) -> bool:
    """Delete a batch of old items that were read or put away; return whether more may be left."""
    old = Notification.objects.filter(
        Q(read_at__isnull=False) | Q(archived_at__isnull=False),
        created_at__lt=now - timedelta(days=settings.FEED_RETENTION_DAYS),
    )
    ids = list(old.order_by("created_at").values_list("id", flat=True)[:ROWS_AT_ONCE])
    with transaction("notifications"):
        remove(old.filter(id__in=ids))
    return len(ids) == ROWS_AT_ONCE


def forget_tickets(*, now: datetime) -> None:
    """Delete the tickets for streams that nobody came with in time."""
    StreamTicket.objects.filter(expires_at__lte=now).delete()
