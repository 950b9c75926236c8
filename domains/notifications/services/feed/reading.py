"""The feed of a person: what they were told in the app, whichever organization it is about."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from domains.notifications.contract.data import UnreadCount
from domains.notifications.contract.errors import PersonRequired
from domains.notifications.models import Feed, Notification
from domains.notifications.services.deciding import categories
from kernel.principal import Principal


def require_person(principal: Principal) -> UUID:
    """Return whose feed and preferences it is; raise `PersonRequired` for an API key."""
    if principal.kind != "account" or principal.account_id is None:
        raise PersonRequired("Sign in as a person; an API key has no feed.")
    return principal.account_id


def get_feed(*, principal: Principal) -> QuerySet[Notification]:
    """Return all of the person's notifications; raise `PersonRequired` for an API key."""
    return Notification.objects.filter(account_id=require_person(principal))


def list_feed(
    *, principal: Principal, archived: bool, category: str | None = None
) -> QuerySet[Notification]:
    """Return those in the person's feed, or those put away; raise `PersonRequired`.

    `category` is the key of one of the product's or of the present organization's.
    """
    rows = get_feed(principal=principal).filter(archived_at__isnull=not archived)
    if category is None:
        return rows
    return rows.filter(category=categories.stored_as(principal.organization_id, category))


def get_counts(*, principal: Principal) -> Feed:
    """Return how far the person's feed is and what waits in it; raise `PersonRequired`."""
    account_id = require_person(principal)
    return Feed.objects.filter(account_id=account_id).first() or Feed(account_id=account_id)


def get_unread_counts(*, account_ids: list[UUID]) -> list[UnreadCount]:
    """Return how many notifications each account has not read, in the order asked."""
    feeds = Feed.objects.filter(account_id__in=account_ids)
    counted = dict(feeds.values_list("account_id", "unread"))
    return [UnreadCount(account_id=each, unread=counted.get(each, 0)) for each in account_ids]
