"""Periodic work: once for each due time, however many relays, workers and restarts there are."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django_rq import get_queue

from kernel import clock, periodic
from kernel.events import cleanup
from kernel.events.testing import deliver_events
from kernel.ids import uuid7
from kernel.models import Inbox, Outbox, PeriodicRun
from kernel.periodic import PeriodicTask
from tests.kernel.events.probes import effects, write_effect
from tests.kernel.events.threads import at_once

pytestmark = [
    pytest.mark.django_db(databases="__all__", transaction=True),
    pytest.mark.usefixtures("listen"),
]

MIDNIGHT = datetime(2026, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def task(monkeypatch):
    for domain in settings.DOMAINS:  # what they declare must not end in the list of this test
        periodic.of_domain(domain)
    monkeypatch.setattr(periodic, "_tasks", {})
    task = PeriodicTask(
        name="users.sweep", every=5 * MINUTE, run=lambda *, now: write_effect("swept")
    )
    periodic.add(task)
    return task


def run_jobs():
    jobs = get_queue("users").jobs
    for job in jobs:
        job.perform()
        job.delete()
    return len(jobs)


def test_a_task_is_due_at_the_multiples_of_its_interval(task):
    assert task.due_at(MIDNIGHT) == MIDNIGHT
    assert task.due_at(MIDNIGHT + 4 * MINUTE) == MIDNIGHT
    assert task.due_at(MIDNIGHT + 9 * MINUTE) == MIDNIGHT + 5 * MINUTE


@pytest.mark.usefixtures("task")
def test_each_due_time_is_run_once():
    for minutes in range(11):
        periodic.schedule("users", now=MIDNIGHT + minutes * MINUTE)
        run_jobs()
    assert effects() == ["swept"] * 3
    assert PeriodicRun.objects.using("users").exclude(finished_at=None).count() == 3


@pytest.mark.usefixtures("task")
def test_the_relay_is_told_when_to_look_again():
    assert periodic.schedule("users", now=MIDNIGHT + MINUTE) == MIDNIGHT + 5 * MINUTE


def test_a_task_may_take_as_long_as_it_says(task):
    periodic.add(replace(task, name="users.walk", timeout=3600))
    periodic.schedule("users", now=MIDNIGHT)
    jobs = get_queue("users").jobs
    assert {job.description: job.timeout for job in jobs} == {"users.sweep": 60, "users.walk": 3600}


@pytest.mark.usefixtures("task")
def test_two_relays_at_once_make_one_run():
    at_once(4, lambda: periodic.schedule("users", now=MIDNIGHT))
    assert PeriodicRun.objects.using("users").count() == 1
    assert run_jobs() == 1
    assert effects() == ["swept"]


@pytest.mark.usefixtures("task")
def test_one_run_in_two_workers_at_once_is_done_once():
    periodic.schedule("users", now=MIDNIGHT)
    [job] = get_queue("users").jobs
    at_once(4, lambda: periodic.perform(*job.args))
    assert effects() == ["swept"]


@pytest.mark.usefixtures("task")
def test_a_run_that_redis_lost_is_enqueued_again():
    periodic.schedule("users", now=MIDNIGHT)
    get_queue("users").empty()
    periodic.schedule("users", now=MIDNIGHT + MINUTE)
    assert run_jobs() == 0
    periodic.schedule("users", now=MIDNIGHT + periodic.LOST_AFTER)
    assert run_jobs() == 1
    assert effects() == ["swept"]


@pytest.mark.usefixtures("task")
def test_a_worker_that_was_away_finds_one_run_and_not_a_thousand():
    for minutes in range(0, 1000, 5):
        periodic.schedule("users", now=MIDNIGHT + minutes * MINUTE)
    run_jobs()
    assert effects() == ["swept"]


def test_a_run_whose_task_is_gone_is_left_alone(task):
    periodic.schedule("users", now=MIDNIGHT)
    periodic.remove(task)
    assert run_jobs() == 1
    assert effects() == []


def test_a_task_that_raises_does_not_stop_the_next_one(monkeypatch):
    def refuse(*, now):
        raise ZeroDivisionError

    monkeypatch.setattr(periodic, "_tasks", {})
    periodic.add(PeriodicTask(name="users.refuse", every=MINUTE, run=refuse))
    for minutes in range(3):
        periodic.schedule("users", now=MIDNIGHT + minutes * MINUTE)
        with pytest.raises(ZeroDivisionError):
            run_jobs()
        get_queue("users").empty()
    assert PeriodicRun.objects.using("users").filter(finished_at=None).count() == 3


def test_a_sweep_on_demand_runs_every_task(task):
    deliver_events(sweeps=True)
    assert effects() == ["swept"]


def test_every_served_domain_clears_its_tables():
    assert "billing.clean_up_events" in {task.name for task in periodic.of_domain("billing")}


def test_the_cleanup_takes_what_is_old_and_closed_alone():
    now = clock.now()
    old = now - timedelta(days=60)
    facts = {"name": "auth.x.v1", "aggregate_id": "1", "payload": {}, "occurred_at": old}
    Outbox.objects.using("auth").create(**facts, pending=[], closed_at=old)
    open_row = Outbox.objects.using("auth").create(**facts, pending=["users"])
    recent = Outbox.objects.using("auth").create(**facts, pending=[], closed_at=now)
    Inbox.objects.using("auth").create(event_id=uuid7(), handler="h", handled_at=old)
    kept = Inbox.objects.using("auth").create(event_id=uuid7(), handler="h", handled_at=now)
    PeriodicRun.objects.using("auth").create(task="t", run_at=old, enqueued_at=old)
    cleanup.clean_up(domain="auth", now=now)
    assert set(Outbox.objects.using("auth")) == {open_row, recent}
    assert list(Inbox.objects.using("auth")) == [kept]
    assert not PeriodicRun.objects.using("auth").exists()


def test_the_inbox_is_kept_longer_than_the_outbox():
    assert cleanup.KEEP_INBOX > 2 * cleanup.KEEP_OUTBOX
