"""Where people and organizations are reached, channel by channel, for many at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings

from domains.notifications.models import Channel, ChatEndpoint, PhoneNumber, PushSubscription


@dataclass(frozen=True, kw_only=True)
class Destination:
    """A place to reach somebody: `id` finds it again, `address` is what people read of it."""

    id: str
    address: str


def destinations(
    *, channel: str, account_ids: Sequence[UUID]
) -> dict[UUID, tuple[Destination, ...]]:
    """Return by person where the channel reaches them; who can't be reached isn't in it.

    E-mail's are known from auth, and in-app needs none: neither is asked for here. One query.
    """
    found: dict[UUID, list[Destination]] = defaultdict(list)
    for account_id, destination in _found(channel, account_ids):
        found[account_id].append(destination)
    return {account_id: tuple(each) for account_id, each in found.items()}


def organization_destinations(
    *, channel: str, organization_id: UUID, category: str | None = None
) -> tuple[Destination, ...]:
    """Return where the channel reaches the organization as such: its chat, and nothing else.

    With a category, only those that get it.
    """
    if channel != Channel.CHAT:
        return ()
    rows = ChatEndpoint.objects.within(organization_id).filter(disabled_at=None).order_by("id")
    return tuple(
        Destination(id=str(row.id), address=row.host)
        for row in rows
        if category is None or not row.categories or category in row.categories
    )


def _found(channel: str, account_ids: Sequence[UUID]) -> Iterable[tuple[UUID, Destination]]:
    if channel == Channel.WEB_PUSH:
        for push in PushSubscription.objects.filter(account_id__in=account_ids).order_by("id"):
            yield push.account_id, Destination(id=str(push.id), address=push.host)
    elif channel == Channel.SMS and settings.SMS_URL:
        proven = PhoneNumber.objects.filter(account_id__in=account_ids).exclude(number="")
        for phone in proven:
            yield phone.account_id, Destination(id=str(phone.account_id), address=phone.number)
