"""Periodic work: each due time is a row, unique in PostgreSQL, so any number of relays may run.

A due time that nobody has started is enqueued again, since Redis may have lost it; while one
waits no later one is made, so a stopped worker finds one run of each task and not a thousand.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any, Protocol, TypeVar, cast

from django.db import connections

from kernel import clock, db, dispatch, scope
from kernel.events import subscriptions
from kernel.ids import uuid7

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
LOST_AFTER = timedelta(minutes=2)

MAKE_DUE = """
    INSERT INTO periodic_run (id, task, run_at, enqueued_at)
    SELECT %(id)s, %(task)s, %(run_at)s, %(now)s
    WHERE NOT EXISTS (SELECT 1 FROM periodic_run WHERE task = %(task)s AND started_at IS NULL)
    ON CONFLICT (task, run_at) DO NOTHING
    RETURNING id::text, task
"""
FIND_LOST = """
    UPDATE periodic_run SET enqueued_at = %(now)s
    WHERE started_at IS NULL AND enqueued_at <= %(lost)s AND task = ANY(%(tasks)s)
    RETURNING id::text, task
"""
START = """
    UPDATE periodic_run SET started_at = %(now)s WHERE id = %(id)s AND started_at IS NULL
    RETURNING task
"""
FINISH = "UPDATE periodic_run SET finished_at = %(now)s WHERE id = %(id)s"


class Task(Protocol):
    """A function that is told the time."""

    def __call__(self, *, now: datetime) -> None:
        """Do what is due."""


T = TypeVar("T", bound=Callable[..., None])


@dataclass(frozen=True, kw_only=True)
class PeriodicTask:
    """A task of one domain, how often it is due, and how many seconds it may take."""

    name: str
    every: timedelta
    run: Task
    timeout: int = 60

    @property
    def domain(self) -> str:
        """The domain whose worker runs it."""
        return self.name.partition(".")[0]

    def due_at(self, now: datetime) -> datetime:
        """Return the latest time at which the task was due."""
        return EPOCH + (now - EPOCH) // self.every * self.every


_tasks: dict[str, PeriodicTask] = {}


def periodic(*, every: timedelta, timeout: int = 60) -> Callable[[T], T]:
    """Have a function in a domain's tasks.py called once at each multiple of `every`, with `now`.

    It may run for `timeout` seconds. Due times that pass while no relay or worker runs are made
    up for by one run. However it is called, it begins without organizations in context.
    """

    def declare(function: T) -> T:
        @wraps(function)
        def run(*args: Any, **kwargs: Any) -> None:
            with scope.use(None):
                function(*args, **kwargs)

        name = f"{function.__module__.split('.')[1]}.{function.__name__}"
        add(PeriodicTask(name=name, every=every, run=run, timeout=timeout))
        return cast("T", run)

    return declare


def add(task: PeriodicTask) -> None:
    """Register a periodic task."""
    _tasks[task.name] = task


def remove(task: PeriodicTask) -> None:
    """Forget a periodic task."""
    del _tasks[task.name]


def of_domain(domain: str) -> list[PeriodicTask]:
    """Return the periodic tasks of a domain that is served here."""
    subscriptions.load(domain)
    return [task for task in _tasks.values() if task.domain == domain]


def schedule(domain: str, *, now: datetime) -> datetime:
    """Enqueue what is due and return when to look again.

    Raises `redis.RedisError` or `django.db.Error`, and then it stays due.
    """
    tasks = {task.name: task for task in of_domain(domain)}
    with db.transaction(domain):
        due = [run for task in tasks.values() for run in _make_due(task, now=now)]
        lost = {"now": now, "lost": now - LOST_AFTER, "tasks": list(tasks)}
        for run_id, name in due + _execute(domain, FIND_LOST, lost):
            dispatch.current().enqueue(_job(tasks[name], run_id))
    every = (task.due_at(now) + task.every for task in tasks.values())
    return min(every, default=now + LOST_AFTER)


def _make_due(task: PeriodicTask, *, now: datetime) -> list[tuple[str, ...]]:
    values = {"id": uuid7(), "task": task.name, "run_at": task.due_at(now), "now": now}
    return _execute(task.domain, MAKE_DUE, values)


def _job(task: PeriodicTask, run_id: str) -> dispatch.Job:
    return dispatch.Job(
        domain=task.domain,
        function="kernel.periodic.perform",
        args=(task.domain, run_id),
        description=task.name,
        timeout=task.timeout,
    )


def perform(domain: str, run_id: str) -> None:
    """Run the task, unless this due time has been started before; RQ calls this."""
    started = _execute(domain, START, {"id": run_id, "now": clock.now()})
    if not started:
        return
    tasks = {task.name: task for task in of_domain(domain)}
    if task := tasks.get(started[0][0]):
        task.run(now=clock.now())
    _execute(domain, FINISH, {"id": run_id, "now": clock.now()})


def _execute(domain: str, statement: str, values: dict[str, Any]) -> list[tuple[str, ...]]:
    with connections[domain].cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []
