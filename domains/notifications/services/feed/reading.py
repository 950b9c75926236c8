"""The feed of a person: what they were told in the app, whichever organization it is about."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Count, QuerySet

from domains.notifications.contract.data import UnreadCount
from domains.notifications.contract.errors import NotificationNotFound, PersonRequired
from domains.notifications.models import Notification
from kernel.db import transaction
from kernel.principal import Principal


def get_feed(*, principal: Principal) -> QuerySet[Notification]:
    """Return the person's notifications; raise `PersonRequired` for an API key."""
    return Notification.objects.filter(account_id=require_person(principal))


def require_person(principal: Principal) -> UUID:
    """Return whose feed and preferences it is; raise `PersonRequired` for an API key."""
    if principal.kind != "account" or principal.account_id is None:
        raise PersonRequired("Sign in as a person; an API key has no feed.")
    return principal.account_id


def count_unread(*, principal: Principal) -> int:
    """Return how many notifications the person has not read."""
    return get_feed(principal=principal).filter(read_at__isnull=True).count()


def mark_read(*, principal: Principal, notification_id: UUID, now: datetime) -> Notification:
    """Mark one as read and return it; the first time counts.

    Raise `NotificationNotFound` for one that is not in this person's feed.
    """
    mine = get_feed(principal=principal).filter(id=notification_id)
    with transaction("notifications"):
        mine.filter(read_at__isnull=True).update(read_at=now)
        notification = mine.first()
        if notification is None:
            raise NotificationNotFound
        return notification


def mark_all_read(*, principal: Principal, now: datetime) -> int:
    """Mark everything in the person's feed as read; return how many had not been."""
    unread = get_feed(principal=principal).filter(read_at__isnull=True)
    with transaction("notifications"):
        return unread.update(read_at=now)


def get_unread_counts(*, account_ids: list[UUID]) -> list[UnreadCount]:
    """Return how many notifications each account has not read, in the order asked."""
    unread = Notification.objects.filter(account_id__in=account_ids, read_at__isnull=True)
    counted = dict(unread.values_list("account_id").annotate(Count("id")))
    return [UnreadCount(account_id=each, unread=counted.get(each, 0)) for each in account_ids]
