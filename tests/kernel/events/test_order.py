"""Handlers that pass over what is older than what they have seen of an aggregate."""

from __future__ import annotations

from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.events import consumer
from kernel.events.testing import deliver_events
from kernel.ids import uuid7
from tests.kernel.events.probes import PROBE, effects, forget_effects, record, send

pytestmark = pytest.mark.django_db(databases="__all__")


def wire(version, subject="one"):
    return {
        "id": str(uuid7()),
        "name": PROBE,
        "aggregate_id": str(subject),
        "version": version,
        "payload": {"text": str(version)},
        "occurred_at": "2026-01-01T00:00:00+00:00",
        "actor_id": None,
        "organization_id": None,
        "traceparent": "",
        "attempt": 1,
    }


def consume(*wires):
    consumer.deliver("users", "auth", list(wires))


def test_events_of_one_aggregate_arrive_in_the_order_they_were_published(listen):
    listen(record)
    subject = uuid4()
    for text in "abcdef":
        send(text, subject_id=subject)
    deliver_events()
    assert effects() == list("abcdef")


def test_a_batch_out_of_order_is_put_in_order(listen):
    listen(record)
    consume(wire(3), wire(1), wire(2))
    assert effects() == ["1", "2", "3"]


def test_a_stale_event_is_passed_over(listen):
    listen(record, ignore_stale=True)
    consume(wire(2))
    consume(wire(1))
    consume(wire(3))
    assert effects() == ["2", "3"]


def test_staleness_is_a_matter_of_one_aggregate(listen):
    listen(record, ignore_stale=True)
    consume(wire(5, "one"))
    consume(wire(4, "two"))
    assert effects() == ["5", "4"]


def test_a_handler_that_takes_all_takes_stale_events_too(listen):
    listen(record)
    consume(wire(2))
    consume(wire(1))
    assert effects() == ["2", "1"]


@settings(max_examples=30)
@given(batches=st.lists(st.lists(st.integers(1, 9), min_size=1, max_size=5), max_size=6))
def test_whatever_the_order_of_arrival_the_effects_only_move_forward(listen, batches):
    listen(record, ignore_stale=True)
    forget_effects()
    subject = uuid4()
    for batch in batches:
        consume(*(wire(version, subject) for version in batch))
    seen = [int(text) for text in effects()]
    assert seen == sorted(seen)
    assert max(seen, default=0) == max((v for batch in batches for v in batch), default=0)
