"""Forgetting what was used: of organizations that were erased, and what was told long ago.

Always a bounded number of rows at a time, each batch a transaction of its own.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connections
from django.db.models import Exists, OuterRef, QuerySet

from domains.billing.models import Allocation, Consumption, Customer, Grant, UsageBucket, UsageEvent

AT_ONCE = 5_000
ORGANIZATIONS_AT_ONCE = 100
_OF_ORGANIZATIONS = (UsageEvent, UsageBucket, Allocation, Consumption, Grant)

# Ids grow with the time at which they were told of, so the primary key finds what is old.
_PURGE = """
    WITH batch AS (
        SELECT e.id, e.organization_id, e.counts_at FROM usage_event e
        WHERE e.id > %(after)s AND e.id < %(told_before)s ORDER BY e.id LIMIT %(limit)s
    ), purged AS (
        DELETE FROM usage_event e USING batch b
        WHERE e.id = b.id AND b.counts_at < %(before)s AND NOT EXISTS (
            SELECT FROM subscription s WHERE s.organization_id = b.organization_id
                AND s.state NOT IN ('expired', 'canceled') AND s.period_start <= b.counts_at)
    )
    SELECT count(*), max(id::text) FROM batch
"""
_FIRST = UUID(int=0)


def forget_organization(*, organization_id: UUID) -> bool:
    """Delete a batch of what an erased organization used and held; return whether more is left."""
    for model in _OF_ORGANIZATIONS:
        rows: QuerySet[Any] = model.objects.within(organization_id)
        deleted, _ = rows.filter(id__in=rows.values("id")[:AT_ONCE]).delete()
        if deleted:
            return True
    return False


def find_erased() -> list[UUID]:
    """Return erased organizations of which something is left, some of them."""
    erased = Customer.objects.everywhere().exclude(ended_at=None)
    found: list[UUID] = []
    for model in _OF_ORGANIZATIONS:
        left = model.objects.everywhere().filter(organization_id=OuterRef("organization_id"))
        mine = erased.filter(Exists(left)).values_list("organization_id", flat=True)
        found += mine[:ORGANIZATIONS_AT_ONCE]
    return list(dict.fromkeys(found))


def purge_events(*, after: UUID | None, now: datetime) -> UUID | None:
    """Delete a batch of the events that can't matter any more; return where to go on, if anywhere.

    Those were told of USAGE_RETENTION_DAYS ago and count in no period that is still to be invoiced.
    Sums of hours stay. Told again, they are too late.
    """
    before = now - timedelta(days=settings.USAGE_RETENTION_DAYS)
    values: dict[str, Any] = {
        "after": after or _FIRST,
        "told_before": UUID(int=int(before.timestamp() * 1000) << 80),
        "before": before,
        "limit": AT_ONCE,
    }
    with connections["billing"].cursor() as cursor:
        cursor.execute(_PURGE, values)
        [(count, last)] = cursor.fetchall()
    return UUID(last) if count == AT_ONCE else None
