"""Taking down what was used: each event once, and with it the hour that it counts in.

A batch is one statement, so events and sums are one commit, and a batch that is sent again finds
its events and adds nothing.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connections

from domains.billing.contract.usage import UsageBatchTooLarge, UsageReport, UsageVerdict
from kernel.ids import uuid7

AT_ONCE = 1_000
LATEST = timedelta(days=34)  # a month and a weekend to tell of it
AHEAD = timedelta(minutes=5)  # clocks differ
TOO_MUCH = Decimal(10) ** 18  # what the columns hold

Key = tuple[UUID, str]


def record(*, reports: Sequence[UsageReport], now: datetime) -> list[UsageVerdict]:
    """Take down what was used and return what became of each, in the order given.

    What happened in a period that was invoiced meanwhile counts now. Of the same event several
    times the first counts. Raise `UsageBatchTooLarge` for more than a thousand.
    """
    if len(reports) > AT_ONCE:
        raise UsageBatchTooLarge(f"At most {AT_ONCE} are taken at once.", limit=AT_ONCE)
    first: dict[Key, UsageReport] = {}
    for each in reports:
        first.setdefault(_key(each), each)
    refused = {key: why for key, each in first.items() if (why := _refusal(each, now=now))}
    known = _write([each for key, each in first.items() if key not in refused], now=now)
    verdicts = known | refused
    return [
        verdicts[_key(each)] if first[_key(each)] is each else UsageVerdict.DUPLICATE
        for each in reports
    ]


def _key(report: UsageReport) -> Key:
    return report.organization_id, report.event_id


def _refusal(report: UsageReport, *, now: datetime) -> UsageVerdict | None:
    if not 0 <= report.value < TOO_MUCH:
        return UsageVerdict.VALUE_INVALID
    if report.occurred_at < now - LATEST:
        return UsageVerdict.TOO_LATE
    if report.occurred_at > now + AHEAD:
        return UsageVerdict.IN_THE_FUTURE
    return None


def _write(reports: Sequence[UsageReport], *, now: datetime) -> dict[Key, UsageVerdict]:
    rows = json.dumps([_row(report) for report in reports])
    with connections["billing"].cursor() as cursor:
        cursor.execute(_WRITE, {"reports": rows, "now": now})
        return {(id_, event): UsageVerdict(verdict) for id_, event, verdict in cursor.fetchall()}


def _row(report: UsageReport) -> dict[str, Any]:
    return {
        "id": str(uuid7()),
        "organization_id": str(report.organization_id),
        "event_id": report.event_id,
        "meter": report.meter,
        "value": str(report.value),
        "property": report.property,
        "occurred_at": report.occurred_at.isoformat(),
    }


# The subscription is locked against the billing run, which adds a period up and then moves on to
# the next: what comes before it is added up, and what comes after it sees the period as invoiced.
# Rows are written in one order everywhere, so that no two batches wait for one another.
_WRITE = """
    WITH told AS (
        SELECT t.*, m.id AS meter_id, CASE
            WHEN m.id IS NULL THEN 'meter_unknown'
            WHEN m.aggregation = 'unique' AND t.property = '' THEN 'property_missing'
            END AS refusal
        FROM json_to_recordset(%(reports)s) AS t (id uuid, organization_id uuid, event_id text,
            meter text, value numeric, property text, occurred_at timestamptz)
        LEFT JOIN meter m ON m.name = t.meter
    ), current AS (
        SELECT s.organization_id, s.created_at, s.period_start FROM subscription s
        WHERE s.organization_id IN (SELECT organization_id FROM told)
            AND s.state NOT IN ('expired', 'canceled')
        FOR SHARE
    ), added AS (
        INSERT INTO usage_event (id, organization_id, event_id, meter_id, value, property,
            occurred_at, counts_at, received_at)
        SELECT t.id, t.organization_id, t.event_id, t.meter_id, t.value, t.property, t.occurred_at,
            CASE WHEN t.occurred_at >= c.created_at AND t.occurred_at < c.period_start
                THEN %(now)s ELSE t.occurred_at END, %(now)s
        FROM told t LEFT JOIN current c ON c.organization_id = t.organization_id
        WHERE t.refusal IS NULL ORDER BY t.organization_id, t.event_id
        ON CONFLICT (organization_id, event_id) DO NOTHING
        RETURNING id, organization_id, event_id, meter_id, value, occurred_at,
            date_trunc('hour', counts_at, 'UTC') AS hour
    ), summed AS (
        INSERT INTO usage_bucket AS b
            (id, organization_id, meter_id, hour, count, sum, max, last, last_at)
        SELECT (array_agg(id))[1], organization_id, meter_id, hour, count(*), sum(value),
            max(value), (array_agg(value ORDER BY occurred_at DESC, id DESC))[1], max(occurred_at)
        FROM added GROUP BY organization_id, meter_id, hour
        ORDER BY organization_id, meter_id, hour
        ON CONFLICT (organization_id, meter_id, hour) DO UPDATE SET
            count = b.count + excluded.count, sum = b.sum + excluded.sum,
            max = greatest(b.max, excluded.max), last_at = greatest(b.last_at, excluded.last_at),
            last = CASE WHEN excluded.last_at >= b.last_at THEN excluded.last ELSE b.last END
    )
    SELECT t.organization_id, t.event_id, CASE WHEN t.refusal IS NOT NULL THEN t.refusal
        WHEN a.id IS NULL THEN 'duplicate' ELSE 'accepted' END
    FROM told t LEFT JOIN added a ON a.id = t.id
"""
