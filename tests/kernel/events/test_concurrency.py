"""Two of everything at once, on real connections."""

from __future__ import annotations

import time
from uuid import uuid4

import pytest
from django.db import connections
from django_rq import get_queue

from kernel import clock
from kernel.events import consumer, relay
from kernel.models import FailedEvent, Outbox
from tests.kernel.events.probes import PROBE, effects, record, send
from tests.kernel.events.test_order import wire
from tests.kernel.events.threads import at_once

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)


def slowly(envelope):
    record(envelope)
    time.sleep(0.02)


def test_two_relays_share_the_outbox_and_send_nothing_twice(listen, settings):
    listen(record)
    settings.EVENT_BATCH_SIZE = 5
    send(*map(str, range(40)))
    sent = at_once(8, lambda: relay.relay("auth", now=clock.now()))
    assert sum(sent) == 40
    for job in get_queue("users").jobs:
        job.perform()
    assert sorted(effects(), key=int) == [str(i) for i in range(40)]


def test_one_batch_in_two_consumers_at_once_has_one_effect_each(listen):
    listen(slowly)
    batch = [wire(version) for version in range(1, 21)]
    at_once(4, lambda: consumer.deliver("users", "auth", list(batch)))
    assert effects() == [str(version) for version in range(1, 21)]
    assert not FailedEvent.objects.using("users").exists()


def test_overlapping_batches_do_not_wait_for_each_other_for_ever(listen):
    listen(slowly)
    wires = [wire(version) for version in range(1, 11)]
    batches = iter([wires, wires[::-1], wires[5:] + wires[:5], wires[::2]])
    at_once(4, lambda: consumer.deliver("users", "auth", next(batches)))
    assert sorted(effects(), key=int) == [str(version) for version in range(1, 11)]
    assert not FailedEvent.objects.using("users").exists()


@pytest.mark.parametrize("_", range(5))
def test_a_stale_event_loses_also_against_the_first_of_its_aggregate(listen, _):
    listen(slowly, ignore_stale=True)
    versions = iter([2, 1])
    at_once(2, lambda: consumer.deliver("users", "auth", [wire(next(versions))]))
    assert effects() in (["2"], ["1", "2"])


def test_one_retry_in_two_workers_at_once_has_one_effect(listen):
    listen(slowly)
    now = clock.now()
    event = wire(1)
    failed = FailedEvent.objects.using("users").create(
        event_id=event["id"],
        handler="users.slowly",
        envelope=event,
        failed_at=now,
        next_attempt_at=now,
    )
    at_once(3, lambda: consumer.retry("users", [str(failed.id)]))
    assert effects() == ["1"]
    assert not FailedEvent.objects.using("users").exists()


def test_a_late_commit_is_not_skipped(listen):
    """A row with a lower sequence that commits after a higher one was sent is sent as well."""
    listen(record)
    late = connections["auth"].copy()
    try:
        late.set_autocommit(False)
        _insert(late, "late")
        send("early")
        assert relay.relay("auth", now=clock.now()) == 1
        late.commit()
        assert relay.relay("auth", now=clock.now()) == 1
    finally:
        late.close()
    rows = Outbox.objects.using("auth").order_by("sequence")
    assert [row.payload["text"] for row in rows] == ["late", "early"]


def _insert(connection, text):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO outbox (id, name, aggregate_id, payload, traceparent, occurred_at,"
            " pending, attempts) VALUES (%s, %s, 'x', jsonb_build_object('text', %s::text), '',"
            " now(), '{users}', 0)",
            [uuid4(), PROBE, text],
        )
