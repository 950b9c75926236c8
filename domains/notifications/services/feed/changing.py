"""What a person does with their feed. Its lock comes first, so its counts are always exact."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from domains.notifications.contract.errors import NotificationNotFound
from domains.notifications.models import Feed, Notification
from domains.notifications.services.feed import doorbell
from domains.notifications.services.feed.reading import get_feed, require_person
from kernel.db import transaction
from kernel.principal import Principal


def mark_read(*, principal: Principal, notification_id: UUID, now: datetime) -> Notification:
    """Mark one as read and return it; the first time counts.

    Raise `NotificationNotFound` for one that is not in this person's feed, and `PersonRequired`.
    """
    return _set(principal, notification_id, "read_at", now)


def mark_unread(*, principal: Principal, notification_id: UUID) -> Notification:
    """Mark one as not read and return it; raises what `mark_read` does."""
    return _set(principal, notification_id, "read_at", None)


def archive(*, principal: Principal, notification_id: UUID, now: datetime) -> Notification:
    """Put one away and return it; the first time counts. Raises what `mark_read` does."""
    return _set(principal, notification_id, "archived_at", now)


def unarchive(*, principal: Principal, notification_id: UUID) -> Notification:
    """Take one back that was put away, and return it; raises what `mark_read` does."""
    return _set(principal, notification_id, "archived_at", None)


def delete(*, principal: Principal, notification_id: UUID) -> None:
    """Delete one for good; raises what `mark_read` does."""
    with _locked(principal) as feed:
        item = _find(principal, notification_id)
        _discount(feed, item)
        item.delete()


def mark_all_read(*, principal: Principal, up_to: int | None, now: datetime) -> int:
    """Mark what is in the feed as read, as far as the number says; return how many were not.

    Raise `PersonRequired`.
    """
    with _locked(principal) as feed:
        unread = get_feed(principal=principal).filter(read_at=None, archived_at=None)
        if up_to is not None:
            unread = unread.filter(sequence__lte=up_to)
        marked = unread.update(read_at=now)
        feed.unread -= marked
    return marked


def mark_seen(*, principal: Principal, up_to: int | None, now: datetime) -> Feed:
    """Note that the person has opened the feed, as far as the number says; return its counts.

    What was seen before stays seen. Raise `PersonRequired`.
    """
    with _locked(principal) as feed:
        seen = feed.last_sequence if up_to is None else min(up_to, feed.last_sequence)
        feed.seen_sequence = max(feed.seen_sequence, seen)
        newer = get_feed(principal=principal).filter(archived_at=None)
        feed.unseen = newer.filter(sequence__gt=feed.seen_sequence).count()
        feed.seen_at = now
    return feed


def _set(
    principal: Principal, notification_id: UUID, column: str, value: datetime | None
) -> Notification:
    with _locked(principal) as feed:
        item = _find(principal, notification_id)
        if (getattr(item, column) is None) != (value is None):
            _discount(feed, item)
            setattr(item, column, value)
            item.save(update_fields=[column])
            _count(feed, item)
    return item


@contextmanager
def _locked(principal: Principal) -> Iterator[Feed]:
    """Lock the person's feed, and store the counts as the block has left them."""
    account_id = require_person(principal)
    with transaction("notifications"):
        feed = Feed.objects.select_for_update().filter(account_id=account_id).first()
        if feed is None:  # and items could come in the middle of this
            Feed.objects.bulk_create([Feed(account_id=account_id)], ignore_conflicts=True)
            feed = Feed.objects.select_for_update().get(account_id=account_id)
        yield feed
        feed.save()
        doorbell.ring(account_ids=[account_id])


def _find(principal: Principal, notification_id: UUID) -> Notification:
    item = get_feed(principal=principal).filter(id=notification_id).first()
    if item is None:
        raise NotificationNotFound
    return item


def _discount(feed: Feed, item: Notification) -> None:
    _count(feed, item, by=-1)


def _count(feed: Feed, item: Notification, *, by: int = 1) -> None:
    if item.archived_at is None:
        feed.unread += by * (item.read_at is None)
        feed.unseen += by * (item.sequence > feed.seen_sequence)
