"""The publishing side: takes open rows of the outbox to the queues of the listening domains."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connections

from kernel import db, dispatch
from kernel.dispatch import Acknowledgement, Job
from kernel.events import failures

MOST_JOBS_WAITING = 100  # per queue: beyond it Redis isn't given more, the outbox keeps it
RETRIES_AT_ONCE = 50
LONGEST_LEASE = 3600

CLOSE = """
    UPDATE outbox
    SET pending = array_remove(pending, %(consumer)s),
        closed_at = CASE WHEN pending <@ ARRAY[%(consumer)s] THEN %(now)s::timestamptz END
    WHERE id = ANY(%(event_ids)s::uuid[]) AND closed_at IS NULL
"""
# PostgreSQL writes the envelopes itself: a third of what making them here from rows costs.
LEASE = """
    WITH open AS MATERIALIZED (
        SELECT id FROM outbox
        WHERE closed_at IS NULL AND (leased_until IS NULL OR leased_until <= %(now)s)
        ORDER BY sequence LIMIT %(limit)s
        FOR UPDATE SKIP LOCKED
    ), leased AS (
        UPDATE outbox SET attempts = attempts + 1,
            leased_until = %(now)s::timestamptz + interval '1 second'
                * least(%(lease)s * power(2, least(attempts, 20)), %(longest)s)
        FROM open
        WHERE outbox.id = open.id AND (SELECT count(*) FROM open) >= %(minimum)s
        RETURNING outbox.*
    )
    SELECT consumer, (SELECT count(*) FROM leased), json_agg(json_build_object(
        'id', id, 'version', sequence, 'name', name, 'aggregate_id', aggregate_id,
        'payload', payload, 'actor_id', actor_id, 'organization_id', organization_id,
        'traceparent', traceparent, 'origin', origin, 'occurred_at', occurred_at,
        'attempt', attempts))::text
    FROM leased, unnest(pending) AS consumer
    GROUP BY consumer
"""


def relay(domain: str, *, now: datetime, minimum: int = 1) -> int:
    """Close what was acknowledged, then send what is open; return how many events were sent.

    Fewer than `minimum` open events are left to become more. Raises `redis.RedisError` or
    `django.db.Error`; whatever was not sent stays open.
    """
    close_acknowledged(domain, now=now)
    return _send_batch(domain, now=now, minimum=minimum)


def close_acknowledged(domain: str, *, now: datetime) -> None:
    """Take the acknowledgements to this publisher and close rows that nobody waits for."""
    while acknowledged := dispatch.current().acknowledgements(domain):
        for consumer, event_ids in _by_consumer(acknowledged).items():
            with connections[domain].cursor() as cursor:
                ids = db.array_of(event_ids)
                cursor.execute(CLOSE, {"consumer": consumer, "event_ids": ids, "now": now})


def _by_consumer(acknowledged: Iterable[Acknowledgement]) -> dict[str, list[str]]:
    event_ids: dict[str, list[str]] = defaultdict(list)
    for said in acknowledged:
        event_ids[said.consumer] += said.event_ids
    return event_ids


def _send_batch(domain: str, *, now: datetime, minimum: int) -> int:
    with db.transaction(domain):
        sent, batches = _lease(domain, now=now, minimum=minimum)
        waiting = dispatch.current().waiting(list(batches))
        for consumer, wires in batches.items():
            if waiting[consumer] < MOST_JOBS_WAITING:
                dispatch.current().enqueue(_job(domain, consumer, wires))
    return sent


def _lease(domain: str, *, now: datetime, minimum: int) -> tuple[int, dict[str, str]]:
    """Return how many events are leased, and their envelopes in JSON for each listening domain."""
    values: dict[str, Any] = {
        "now": now,
        "lease": settings.EVENT_LEASE,
        "longest": max(LONGEST_LEASE, settings.EVENT_LEASE),
        "limit": settings.EVENT_BATCH_SIZE,
        "minimum": minimum,
    }
    with connections[domain].cursor() as cursor:
        cursor.execute(LEASE, values)
        rows = cursor.fetchall()
    return (rows[0][1] if rows else 0), {consumer: wires for consumer, _, wires in rows}


def _job(publisher: str, consumer: str, wires: str) -> Job:
    return Job(
        domain=consumer,
        function="kernel.events.consumer.consume",
        args=(consumer, publisher),
        body=wires,
        description=f"Events of {publisher}",
        timeout=settings.EVENT_JOB_TIMEOUT,
    )


def send_retries(domain: str, *, now: datetime) -> None:
    """Send the domain's failed events that are due for another attempt.

    Raises `redis.RedisError` or `django.db.Error`, and then they stay due.
    """
    with db.transaction(domain):
        due = failures.take_due(domain, now=now, limit=RETRIES_AT_ONCE)
        if due:
            dispatch.current().enqueue(_retry_job(domain, due))


def _retry_job(domain: str, failed_ids: list[str]) -> Job:
    return Job(
        domain=domain,
        function="kernel.events.consumer.retry",
        args=(domain, failed_ids),
        description=f"Retry {len(failed_ids)} failed events",
        timeout=settings.EVENT_JOB_TIMEOUT,
    )
