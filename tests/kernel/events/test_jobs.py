"""Jobs: rung after the commit, run in the context of whoever rang, never more than a hint."""

from __future__ import annotations

from uuid import uuid4

import pytest
import redis
from django_rq import get_queue

from kernel import context, dispatch, jobs
from kernel.db import transaction
from kernel.events.testing import deliver_events
from tests.kernel.events.probes import effects, write_effect

pytestmark = [
    pytest.mark.django_db(databases="__all__", transaction=True),
    pytest.mark.usefixtures("listen"),
]


def note(text: str) -> None:
    write_effect(text)


def note_context(_: str) -> None:
    now = context.current()
    write_effect(f"{now.traceparent} {now.actor_id}")


@pytest.fixture(autouse=True)
def _declared(monkeypatch):
    monkeypatch.setattr(jobs, "_jobs", dict(jobs._jobs))
    for function in (note, note_context):
        function.__module__ = "domains.users.tasks"
        jobs.job(function)


def test_a_job_is_rung_after_the_commit():
    with transaction("users"):
        jobs.ring(note, "one")
        assert get_queue("users").count == 0
    assert get_queue("users").count == 1
    deliver_events()
    assert effects() == ["one"]


def test_a_rolled_back_transaction_rings_nothing():
    with pytest.raises(ZeroDivisionError), transaction("users"):
        jobs.ring(note, "never")
        1 / 0  # noqa: B018
    assert get_queue("users").count == 0


def test_a_service_rings_a_job_by_its_name():
    jobs.ring("users.note", "one")
    deliver_events()
    assert effects() == ["one"]


@pytest.mark.parametrize("name", ["users.unknown", "users.os.system"])
def test_what_is_no_job_is_not_rung(name):
    with pytest.raises(jobs.NotAJob):
        jobs.ring(name)


def test_a_function_that_is_no_job_is_not_rung():
    def stranger() -> None:
        pass

    stranger.__module__ = "domains.users.tasks"
    with pytest.raises(jobs.NotAJob):
        jobs.ring(stranger)


def test_a_job_forged_in_redis_runs_nothing():
    with pytest.raises(jobs.NotAJob):
        jobs.perform("users.forged", [], {})


def test_arguments_that_are_not_plain_json_are_refused_at_once():
    with pytest.raises(TypeError):
        jobs.ring(note, uuid4())


def test_a_job_runs_in_the_context_in_which_it_was_rung():
    actor = uuid4()
    with context.use(context.RequestContext(traceparent="00-trace", actor_id=actor)):
        jobs.ring(note_context, "")
    deliver_events()
    assert effects() == [f"00-trace {actor}"]


def test_with_redis_away_ringing_does_no_harm(monkeypatch):
    nowhere = redis.Redis(unix_socket_path="/nowhere/redis.sock")
    monkeypatch.setattr(dispatch, "connection", lambda: nowhere)
    with transaction("users"):
        write_effect("kept")
        jobs.ring(note, "lost")
    assert effects() == ["kept"]


def test_a_jobs_result_is_not_kept_and_its_failure_not_for_long():
    jobs.ring(note, "one")
    [job] = get_queue("users").jobs
    assert job.result_ttl == 0
    assert job.failure_ttl <= 24 * 3600
    assert job.description == "users.note('one')"
