"""Adding up what was used in a period, exactly, wherever in an hour the period begins.

Whole hours are added up from their buckets, what is left at the edges from the events themselves;
different values (`unique`) are counted in the events alone.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connections

from domains.billing.services.arithmetic import Period

Asked = tuple[UUID, str, Period]


@dataclass(frozen=True, kw_only=True)
class Used:
    """What an organization used by a meter in a period; `events` is how often."""

    quantity: Decimal
    events: int


NOTHING = Used(quantity=Decimal(0), events=0)


def quantities(*, asked: Sequence[Asked]) -> dict[Asked, Decimal]:
    """Return how much each organization used by the meter in the period, by one query.

    Nothing used, or a meter that there isn't, is 0. Periods are half-open; what happened in one
    that was already invoiced counts when it was told.
    """
    return {one: used.quantity for one, used in sums(asked=asked).items()}


def sums(*, asked: Sequence[Asked]) -> dict[Asked, Used]:
    """Return the same with how often."""
    rows = [_row(n, *one) for n, one in enumerate(asked)]
    with connections["billing"].cursor() as cursor:
        cursor.execute(_ADD_UP, [json.dumps(rows)])
        found = {n: Used(quantity=Decimal(q), events=e) for n, q, e in cursor.fetchall()}
    return {one: found.get(n, NOTHING) for n, one in enumerate(asked)}


def _row(n: int, organization_id: UUID, meter: str, period: Period) -> dict[str, Any]:
    start, end = period.start.isoformat(), period.end.isoformat()
    return {
        "n": n,
        "organization_id": str(organization_id),
        "meter": meter,
        "start": start,
        "end": end,
    }


# `first` is where the first whole hour begins and `last` where the last one ends. In a period
# without a whole hour both are its end, so that all of it is the first edge.
_ADD_UP = """
    WITH asked AS (
        SELECT a.n, a.organization_id, m.id AS meter_id, m.aggregation, a.start, a.end,
            CASE WHEN h.first <= h.last THEN h.first ELSE a.end END AS first,
            CASE WHEN h.first <= h.last THEN h.last ELSE a.end END AS last
        FROM json_to_recordset(%s) AS a
            (n integer, organization_id uuid, meter text, start timestamptz, "end" timestamptz)
        JOIN meter m ON m.name = a.meter
        CROSS JOIN LATERAL (SELECT
            date_trunc('hour', a.start + interval '1 hour' - interval '1 microsecond', 'UTC'),
            date_trunc('hour', a.end, 'UTC')) AS h (first, last)
    ), parts AS (
        SELECT a.n, b.count, b.sum, b.max, b.last, b.last_at, NULL::uuid AS event
        FROM asked a JOIN usage_bucket b ON b.organization_id = a.organization_id
            AND b.meter_id = a.meter_id AND b.hour >= a.first AND b.hour < a.last
        WHERE a.aggregation <> 'unique'
        UNION ALL
        SELECT a.n, 1, e.value, e.value, e.value, e.occurred_at, e.id
        FROM asked a
        CROSS JOIN LATERAL (VALUES (a.start, a.first), (a.last, a.end)) AS edge (starts, ends)
        JOIN usage_event e ON e.organization_id = a.organization_id AND e.meter_id = a.meter_id
            AND e.counts_at >= edge.starts AND e.counts_at < edge.ends
        WHERE a.aggregation <> 'unique'
    )
    SELECT a.n, CASE a.aggregation
            WHEN 'count' THEN sum(p.count)
            WHEN 'sum' THEN sum(p.sum)
            WHEN 'max' THEN max(p.max)
            ELSE (array_agg(p.last ORDER BY p.last_at DESC, p.event DESC NULLS LAST))[1]
        END, sum(p.count)::bigint
    FROM asked a JOIN parts p ON p.n = a.n GROUP BY a.n, a.aggregation
    UNION ALL
    SELECT a.n, count(DISTINCT e.property), count(*)
    FROM asked a JOIN usage_event e ON e.organization_id = a.organization_id
        AND e.meter_id = a.meter_id AND e.counts_at >= a.start AND e.counts_at < a.end
    WHERE a.aggregation = 'unique' GROUP BY a.n
"""
