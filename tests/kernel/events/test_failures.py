"""Handlers that raise: alone, later, dead in the end, and replayed."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from rq.timeouts import JobTimeoutException

from kernel import clock
from kernel.events import consumer, failures
from kernel.events.testing import deliver_events
from kernel.ids import uuid7
from kernel.models import FailedEvent, Outbox
from tests.kernel.events.probes import PROBE, effects, record, send, write_effect
from tests.kernel.events.test_delivery import wire_of

pytestmark = pytest.mark.django_db(databases="__all__")


class Poisoned(Exception):
    pass


class Handler:
    """Raises on "poison" until it is cured; its effect is written before it raises."""

    __name__ = "swallow"

    def __init__(self):
        self.cured = False

    def __call__(self, envelope):
        write_effect(envelope.payload.text)
        if envelope.payload.text == "poison" and not self.cured:
            raise Poisoned("it burns")


@pytest.fixture
def handler(listen):
    handler = Handler()
    listen(handler)
    return handler


def failed():
    return FailedEvent.objects.using("users")


def attempt_until_dead():
    now = clock.now()
    for _ in range(settings.EVENT_MAX_ATTEMPTS + 1):
        now += timedelta(hours=2)
        deliver_events(now=now, failures_expected=True)


def test_a_poisonous_event_stands_alone(handler):
    send("one", "poison", "two")
    deliver_events(failures_expected=True)
    assert effects() == ["one", "two"]
    row = failed().get()
    assert (row.handler, row.envelope["payload"]["text"]) == ("users.swallow", "poison")
    assert "Poisoned: it burns" in row.error
    assert row.dead_at is None


def test_its_publisher_is_done_with_an_event_that_failed(handler):
    send("poison")
    deliver_events(failures_expected=True)
    assert Outbox.objects.using("auth").get(name=PROBE).closed_at


def test_a_failed_event_is_tried_again_only_when_its_time_has_come(handler):
    send("poison")
    deliver_events(failures_expected=True)
    handler.cured = True
    deliver_events(failures_expected=True)
    assert effects() == []
    deliver_events(now=clock.now() + timedelta(hours=1))
    assert effects() == ["poison"]
    assert not failed().exists()


def test_an_event_that_keeps_failing_ends_dead(handler):
    send("poison")
    attempt_until_dead()
    row = failed().get()
    assert row.dead_at
    assert row.attempts == settings.EVENT_MAX_ATTEMPTS
    assert effects() == []


def test_a_dead_event_is_replayed_by_the_command(handler):
    send("poison")
    attempt_until_dead()
    handler.cured = True
    out = StringIO()
    call_command("replay_events", domain="users", stdout=out)
    assert "1 event" in out.getvalue()
    deliver_events(now=clock.now() + timedelta(seconds=1))
    assert effects() == ["poison"]


def test_the_command_replays_one_handler_or_one_event_alone(handler):
    send("poison", "poison")
    attempt_until_dead()
    call_command("replay_events", domain="users", handler="users.other", stdout=StringIO())
    assert failed().filter(dead_at=None).count() == 0
    event_id = str(failed().first().event_id)
    call_command("replay_events", domain="users", event=event_id, stdout=StringIO())
    assert failed().filter(dead_at=None).count() == 1


def test_the_command_refuses_a_domain_that_is_not_served():
    with pytest.raises(CommandError):
        call_command("replay_events", domain="nowhere")


def test_an_event_sent_again_after_it_failed_is_one_failure(handler):
    send("poison")
    deliver_events(failures_expected=True)
    [row] = Outbox.objects.using("auth").filter(name=PROBE)
    consumer.deliver("users", "auth", [wire_of(row, attempt=2)])
    assert failed().count() == 1


def test_a_failed_event_that_succeeded_meanwhile_is_not_handled_again(handler):
    send("poison")
    deliver_events(failures_expected=True)
    handler.cured = True
    [row] = Outbox.objects.using("auth").filter(name=PROBE)
    consumer.deliver("users", "auth", [wire_of(row, attempt=2)])
    deliver_events(now=clock.now() + timedelta(hours=1))
    assert effects() == ["poison"]


def test_an_event_that_may_kill_workers_is_taken_charge_of_before_it_is_tried(listen):
    subscription = listen(record)
    send("one")
    [row] = Outbox.objects.using("auth").filter(name=PROBE)
    consumer.deliver("users", "auth", [wire_of(row, attempt=consumer.SUSPECT_FROM)])
    assert effects() == []
    assert failed().get().attempts == 0
    assert failed().get().handler == subscription.handler
    deliver_events()
    assert effects() == ["one"]


def test_an_attempt_that_killed_its_worker_counts(handler):
    send("poison")
    deliver_events(failures_expected=True)
    row = failed().get()
    now = clock.now()
    for _ in range(settings.EVENT_MAX_ATTEMPTS):
        failures.begin_attempt("users", row.id, now=now)  # and then the worker is gone
    assert failed().get().dead_at == now
    assert failures.begin_attempt("users", row.id, now=now) is None


def test_a_job_that_runs_out_of_time_acknowledges_nothing(listen):
    def hang(envelope):
        raise JobTimeoutException("too long")

    listen(hang)
    send("one")
    with pytest.raises(JobTimeoutException):
        deliver_events()
    assert not failed().exists()
    assert Outbox.objects.using("auth").get(name=PROBE).closed_at is None


def test_a_payload_that_does_not_fit_its_reader_fails_like_a_handler(handler):
    send("one")
    [row] = Outbox.objects.using("auth").filter(name=PROBE)
    wire = wire_of(row) | {"id": str(uuid7()), "payload": {"text": ["not", "a", "text"]}}
    consumer.deliver("users", "auth", [wire])
    assert "ValidationError" in failed().get().error


def test_a_failure_whose_handler_is_gone_says_so(handler):
    send("poison")
    deliver_events(failures_expected=True)
    failed().update(handler="users.long_gone")
    deliver_events(now=clock.now() + timedelta(hours=1), failures_expected=True)
    assert failed().get().error == "The handler is gone"


def test_the_waits_between_attempts_grow_up_to_an_hour():
    waits = [failures.delay_after(attempts) for attempts in range(1000)]
    assert waits == sorted(waits)
    assert waits[0] == timedelta(seconds=10)
    assert waits[-1] == timedelta(hours=1)
