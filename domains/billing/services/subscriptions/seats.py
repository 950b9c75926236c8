"""Seats that were taken since the period began: charged on the next invoice, from now on.

Seats that come free are still paid until the period ends, and are taken again for nothing; when the
next one begins, those are charged that are taken then.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import connections

from domains.billing.models import Subscription
from domains.billing.services.customers import lock_customer
from domains.billing.services.subscriptions import loading, quoting
from domains.billing.services.subscriptions.applying import write_items
from domains.billing.services.subscriptions.items import Item
from domains.billing.services.subscriptions.quotes import to_quoted
from domains.billing.services.subscriptions.quoting import Policy
from kernel.db import transaction
from kernel.ids import uuid7

_GROWN = """
    SELECT DISTINCT s.organization_id, s.id FROM subscription s
    JOIN subscription_item i ON i.subscription_id = s.id AND i.ended_at IS NULL
    JOIN price p ON p.id = i.price_id AND p.quantity = 'seats'
    JOIN entitlement_consumption c ON c.organization_id = s.organization_id
        AND c.feature = 'seats' AND c.used > i.quantity
    WHERE s.state IN ('active', 'past_due') AND NOT s.comped AND s.period_end > %s
"""


def charge_grown(*, now: datetime) -> None:
    """Have the next invoices charge the seats that were taken since they were last counted."""
    with connections["billing"].cursor() as cursor:
        cursor.execute(_GROWN, [now])
        grown = cursor.fetchall()
    for organization_id, id_ in grown:
        with transaction("billing"):
            lock_customer(organization_id=organization_id, now=now)
            _charge(organization_id, id_, now)


def _charge(organization_id: UUID, id_: UUID, now: datetime) -> None:
    row = Subscription.objects.within(organization_id).get(id=id_)
    if row.renews_at is None or row.renews_at <= now:
        return
    run = loading.load_one(row, at=now)
    seats = loading.seats_of([organization_id]).get(organization_id, 0)
    outcome = quoting.change(
        run,
        items=[_counted(item, seats, now) for item in run.items],
        policy=Policy.NEXT_INVOICE,
        at=now,
        used={},
        pending=loading.pending_of(row),
    )
    if outcome.items == run.items:
        return
    write_items(row, tuple(to_quoted(item) for item in outcome.items), at=now)
    row.pending = loading.pending_as_json(outcome.pending)
    row.version += 1
    row.save(update_fields=["pending", "version"])


def _counted(item: Item, seats: int, now: datetime) -> Item:
    if item.price.quantity != "seats" or seats <= item.quantity:
        return item
    return replace(item, id=uuid7(), quantity=seats, started_at=now)
