"""What makes a handler's effect happen once: rows written in its own transaction.

These run for every batch of every handler, so each is one statement.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from django.db import connections

from kernel.db import array_of
from kernel.events.envelope import Wire

# As a rule all are new, and then which they are need not be said.
CLAIM = """
    WITH claimed AS (
        INSERT INTO inbox (event_id, handler)
        SELECT event_id, %(handler)s FROM unnest(%(event_ids)s::uuid[]) AS event_id
        ON CONFLICT DO NOTHING
        RETURNING event_id
    )
    SELECT CASE WHEN count(*) < %(wanted)s THEN coalesce(array_agg(event_id::text), '{}') END
    FROM claimed
"""
LOCK_POSITIONS = """
    INSERT INTO aggregate_position AS known (handler, publisher, aggregate_id, version)
    SELECT %(handler)s, %(publisher)s, aggregate_id, 0
    FROM unnest(%(aggregate_ids)s::text[]) AS aggregate_id
    ON CONFLICT (handler, publisher, aggregate_id) DO UPDATE SET version = known.version
    RETURNING aggregate_id, version
"""
ADVANCE = """
    UPDATE aggregate_position AS known SET version = newest.version
    FROM unnest(%(aggregate_ids)s::text[], %(versions)s::bigint[]) AS newest (id, version)
    WHERE handler = %(handler)s AND publisher = %(publisher)s AND aggregate_id = newest.id
"""


def claim(domain: str, handler: str, wires: Sequence[Wire]) -> list[Wire]:
    """Note that the handler handles these events; return those that it hasn't handled before.

    Whoever else is handling one of them is waited for. The ids go in sorted, so that two never
    wait for each other.
    """
    event_ids = sorted({wire["id"] for wire in wires})
    values: dict[str, Any] = {
        "handler": handler,
        "event_ids": array_of(event_ids),
        "wanted": len(event_ids),
    }
    with connections[domain].cursor() as cursor:
        cursor.execute(CLAIM, values)
        [new] = cursor.fetchone()
    return list(wires) if new is None else [wire for wire in wires if wire["id"] in new]


def without_stale(domain: str, handler: str, wires: Sequence[Wire]) -> list[Wire]:
    """Return the events that are newer than what the handler has seen of their aggregate."""
    if not wires:
        return []
    key = {"handler": handler, "publisher": wires[0]["name"].partition(".")[0]}
    known = _lock_positions(domain, key, {wire["aggregate_id"] for wire in wires})
    fresh = [wire for wire in wires if wire["version"] > known[wire["aggregate_id"]]]
    newest = {wire["aggregate_id"]: wire["version"] for wire in fresh}
    with connections[domain].cursor() as cursor:
        ends = {"aggregate_ids": list(newest), "versions": list(newest.values())}
        cursor.execute(ADVANCE, {**key, **ends})
    return fresh


def _lock_positions(
    domain: str, key: dict[str, str], aggregate_ids: Collection[str]
) -> dict[str, int]:
    with connections[domain].cursor() as cursor:
        cursor.execute(LOCK_POSITIONS, {**key, "aggregate_ids": sorted(aggregate_ids)})
        return dict(cursor.fetchall())
