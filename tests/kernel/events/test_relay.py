"""The relay over the real Redis: leases, lost acknowledgements, and Redis being away."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
import redis
from django.conf import settings
from django.db import OperationalError, connections
from django_rq import get_queue

from kernel import clock, dispatch
from kernel.db import transaction
from kernel.dispatch import RedisDispatcher
from kernel.events import consumer, publish, relay
from kernel.events.loop import RelayLoop
from kernel.events.testing import deliver_events
from kernel.ids import uuid7
from kernel.models import Outbox
from kernel.redis import connection
from tests.kernel.events.probes import PROBE, ProbeSent, effects, record, send

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture(autouse=True)
def _listening(listen):
    listen(record)


def outbox():
    return Outbox.objects.using("auth").filter(name=PROBE)


def run_jobs(domain="users"):
    """Do what a worker would with all that is on its queue; return the number of jobs."""
    jobs = get_queue(domain).jobs
    for job in jobs:
        job.perform()
        job.delete()
    return len(jobs)


def later(seconds):
    return clock.now() + timedelta(seconds=seconds)


def test_a_batch_is_one_job_on_the_listeners_queue():
    send(*"abcdef")
    assert relay.relay("auth", now=clock.now()) == 6
    [job] = get_queue("users").jobs
    assert job.func_name == "kernel.events.consumer.consume"
    assert (job.timeout, job.result_ttl) == (settings.EVENT_JOB_TIMEOUT, 0)
    assert get_queue("billing").count == 0


def test_a_long_backlog_is_several_jobs(settings):
    settings.EVENT_BATCH_SIZE = 4
    send(*"abcdef")
    now = clock.now()
    assert [relay.relay("auth", now=now) for _ in range(3)] == [4, 2, 0]
    assert run_jobs() == 2
    assert effects() == list("abcdef")


def test_what_was_sent_is_not_sent_again_within_its_lease():
    send("one")
    now = clock.now()
    assert relay.relay("auth", now=now) == 1
    assert relay.relay("auth", now=now + timedelta(seconds=settings.EVENT_LEASE - 1)) == 0


def test_what_nobody_acknowledged_is_sent_again_after_its_lease():
    send("one")
    relay.relay("auth", now=clock.now())
    connection().flushdb()
    assert relay.relay("auth", now=later(settings.EVENT_LEASE + 1)) == 1
    run_jobs()
    assert effects() == ["one"]


def test_a_lost_acknowledgement_has_no_second_effect():
    send("one")
    relay.relay("auth", now=clock.now())
    run_jobs()
    connection().flushdb()
    relay.relay("auth", now=later(settings.EVENT_LEASE + 1))
    assert run_jobs() == 1
    relay.relay("auth", now=clock.now())
    assert effects() == ["one"]
    assert outbox().get().closed_at


def test_each_lease_is_longer_than_the_one_before():
    send("one")
    leases = []
    for days in range(10):
        now = later(86400 * days)
        relay.relay("auth", now=now)
        leases.append((outbox().get().leased_until - now).total_seconds())
    assert leases[0] == settings.EVENT_LEASE
    assert leases == sorted(leases)
    assert leases[-1] == relay.LONGEST_LEASE


def test_an_event_is_closed_once_all_its_listeners_have_acknowledged(listen):
    listen(lambda envelope: None, domain="billing")
    send("one")
    relay.relay("auth", now=clock.now())
    run_jobs("users")
    relay.relay("auth", now=clock.now())
    assert outbox().get().pending == ["billing"]
    run_jobs("billing")
    relay.relay("auth", now=clock.now())
    assert outbox().get().closed_at


def test_an_acknowledgement_said_twice_or_by_a_stranger_changes_nothing():
    send("one")
    event_id = str(outbox().get().id)
    for consumer_name in ("users", "users", "files"):
        said = dispatch.Acknowledgement(consumer_name, [event_id, event_id])
        dispatch.current().acknowledge("auth", said)
    relay.close_acknowledged("auth", now=clock.now())
    first = outbox().get().closed_at
    dispatch.current().acknowledge("auth", dispatch.Acknowledgement("users", [event_id]))
    relay.close_acknowledged("auth", now=later(10))
    assert outbox().get().closed_at == first


def test_publishing_rings_the_bell_once_it_is_committed(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(using="auth", execute=True):
        send("one")
        assert not connection().exists("bell:auth")
    assert connection().llen("bell:auth") == 1
    RedisDispatcher().wait(["auth"], seconds=5)
    assert not connection().exists("bell:auth")


def test_a_bell_rung_a_thousand_times_is_one_wake_up_call():
    for _ in range(1000):
        dispatch.current().ring("auth")
    assert connection().llen("bell:auth") == 1


@pytest.fixture
def redis_is_away(monkeypatch):
    nowhere = redis.Redis(unix_socket_path="/nowhere/redis.sock")
    monkeypatch.setattr(dispatch, "connection", lambda: nowhere)
    yield
    monkeypatch.undo()


@pytest.mark.usefixtures("redis_is_away")
def test_with_redis_away_publishing_works(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(using="auth", execute=True):
        send("one")
    assert outbox().get().closed_at is None


def test_with_redis_away_the_relay_leaves_events_open_and_goes_on(redis_is_away, monkeypatch):
    send("one")
    loop = RelayLoop(["auth"])
    assert loop.round() == 0
    assert outbox().get().leased_until is None
    monkeypatch.undo()
    assert loop.round() == 0
    time.sleep(loop.progress["auth"].pause + 0.01)
    assert loop.round() == 1
    assert loop.progress["auth"].trouble == ""


def test_a_domain_in_trouble_delays_no_other(monkeypatch):
    send("one")
    real = relay.relay

    def fail_for_users(domain, **facts):
        if domain == "users":
            raise OperationalError("away")
        return real(domain, **facts)

    monkeypatch.setattr(relay, "relay", fail_for_users)
    monkeypatch.setattr(connections["users"], "close", lambda: None)
    loop = RelayLoop(["users", "auth"])
    assert loop.round() == 1
    assert loop.progress["users"].trouble == "OperationalError"


def test_a_queue_that_nobody_empties_is_not_filled_for_ever(monkeypatch):
    monkeypatch.setattr(relay, "MOST_JOBS_WAITING", 1)
    send("one")
    relay.relay("auth", now=clock.now())
    send("two")
    relay.relay("auth", now=clock.now())
    assert get_queue("users").count == 1
    run_jobs()
    relay.relay("auth", now=later(settings.EVENT_LEASE + 1))
    run_jobs()
    assert effects() == ["one", "two"]


def test_while_workers_are_busy_few_events_wait_to_become_a_batch(settings):
    settings.EVENT_BATCH_SIZE = 3
    loop = RelayLoop(["auth"])
    send("one")
    assert loop.round() == 1
    send("two")
    assert loop.round() == 0
    send("three", "four")
    assert loop.round() == 3
    for domain in settings.ALL_DOMAINS:
        get_queue(domain).empty()
    send("five")
    assert loop.round() == 1


def test_events_of_one_transaction_become_visible_together():
    with transaction("auth"):
        for text in "ab":
            publish(ProbeSent(subject_id=uuid7(), text=text))
    deliver_events()
    assert effects() == ["a", "b"]


def refuse(*_args):
    raise redis.ConnectionError


def test_a_consumer_that_loses_redis_keeps_its_effect_and_is_asked_again(monkeypatch):
    send("one")
    relay.relay("auth", now=clock.now())
    [job] = get_queue("users").jobs
    with monkeypatch.context() as patch:
        patch.setattr(dispatch.RedisDispatcher, "acknowledge", refuse)
        with pytest.raises(redis.ConnectionError):
            consumer.consume(*job.args)
    assert effects() == ["one"]
    relay.relay("auth", now=later(settings.EVENT_LEASE + 1))
    run_jobs()
    assert effects() == ["one"]
