"""Having a subscription begin another period at an instant, after time that wasn't charged."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from domains.billing.models import Subscription
from domains.billing.services.subscriptions import loading
from domains.billing.services.subscriptions.applying import write_items
from domains.billing.services.subscriptions.items import Item
from domains.billing.services.subscriptions.quotes import to_quoted
from kernel.ids import uuid7


def restart(subscription: Subscription, *, at: datetime) -> None:
    """Have the next period begin at the instant, when the billing run charges it; not saved.

    The items begin anew, so nothing is charged for the time before.
    """
    subscription.anchor_at = subscription.period_end = subscription.renews_at = at
    run = loading.load([subscription])[subscription.id]
    anew = tuple(to_quoted(item) for item in begun_anew(run.items, at=at))
    write_items(subscription, anew, at=at)


def begun_anew(items: tuple[Item, ...], *, at: datetime) -> tuple[Item, ...]:
    """Return the items as if they began at the instant."""
    return tuple(replace(item, id=uuid7(), started_at=at) for item in items)
