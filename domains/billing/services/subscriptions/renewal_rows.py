"""The rows that a billing run changes, by one statement a table."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connections

from domains.billing.models import Subscription, SubscriptionItem
from domains.billing.services.subscriptions.items import Item

_SUBSCRIPTIONS = """
    UPDATE subscription SET state = n.state, anchor_at = n.anchor_at,
        interval_unit = n.interval_unit, interval_count = n.interval_count,
        period_start = n.period_start, period_end = n.period_end, renews_at = n.renews_at,
        paused_at = n.paused_at, resumes_at = n.resumes_at, pending = '[]', version = n.version,
        ended_at = n.ended_at, cancel_reason = n.cancel_reason
    FROM json_to_recordset(%s) AS n (id uuid, state text, anchor_at timestamptz,
        interval_unit text, interval_count smallint, period_start timestamptz,
        period_end timestamptz, renews_at timestamptz, paused_at timestamptz,
        resumes_at timestamptz, version integer, ended_at timestamptz, cancel_reason text)
    WHERE subscription.id = n.id
"""
_COLUMNS = (
    "id",
    "state",
    "anchor_at",
    "interval_unit",
    "interval_count",
    "period_start",
    "period_end",
    "renews_at",
    "paused_at",
    "resumes_at",
    "version",
    "ended_at",
    "cancel_reason",
)
_END_ITEMS = """
    UPDATE subscription_item SET ended_at = n.ended_at
    FROM json_to_recordset(%s) AS n (id uuid, ended_at timestamptz)
    WHERE subscription_item.id = n.id AND subscription_item.ended_at IS NULL
"""


def write_subscriptions(rows: Iterable[Subscription]) -> None:
    """Save how these subscriptions are now."""
    plain = [{name: getattr(row, name) for name in _COLUMNS} for row in rows]
    with connections["billing"].cursor() as cursor:
        cursor.execute(_SUBSCRIPTIONS, [json.dumps(plain, default=str)])


@dataclass(frozen=True, kw_only=True)
class ItemsChange:
    """What went of a subscription's items at an instant, and what came."""

    row: Subscription
    at: datetime
    gone: Sequence[Item]
    came: Sequence[Item]


def write_items(changes: Sequence[ItemsChange]) -> None:
    """End the items that went, and add those that came."""
    ended = [{"id": item.id, "ended_at": each.at} for each in changes for item in each.gone]
    if ended:
        with connections["billing"].cursor() as cursor:
            cursor.execute(_END_ITEMS, [json.dumps(ended, default=str)])
    new = [_to_row(each.row, item) for each in changes for item in each.came]
    SubscriptionItem.objects.bulk_create(new)


def _to_row(row: Subscription, item: Item) -> SubscriptionItem:
    return SubscriptionItem(
        id=item.id,
        organization_id=row.organization_id,
        subscription=row,
        price_id=item.price.id,
        product=item.price.product,
        is_plan=item.is_plan,
        quantity=item.quantity,
        started_at=item.started_at,
    )
