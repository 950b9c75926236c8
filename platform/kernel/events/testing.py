"""Delivering events in tests: the real relay, consumer and jobs, one after another, in process."""

from __future__ import annotations

import json
from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connections
from django.utils.module_loading import import_string
from django_rq import get_queue

from kernel import clock, db, dispatch, periodic
from kernel.dispatch import Acknowledgement, Job
from kernel.events import relay
from kernel.models import FailedEvent

MOST_ROUNDS = 1000


class EventsFailed(AssertionError):
    """A handler raised, or the work rung by handlers never ended."""


@dataclass
class InlineDispatcher:
    """A `Dispatcher` that keeps everything in this process's memory."""

    jobs: deque[Job] = field(default_factory=deque)
    bodies: dict[str, str] = field(default_factory=dict)
    acknowledged: dict[str, list[Acknowledgement]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def enqueue(self, job: Job) -> None:
        self.jobs.append(job)

    def take_body(self, name: str) -> str | None:
        return self.bodies.pop(name, None)

    def waiting(self, domains: Sequence[str]) -> dict[str, int]:
        return {domain: sum(job.domain == domain for job in self.jobs) for domain in domains}

    def acknowledge(self, publisher: str, acknowledgement: Acknowledgement) -> None:
        self.acknowledged[publisher].append(acknowledgement)

    def acknowledgements(self, publisher: str) -> list[Acknowledgement]:
        return self.acknowledged.pop(publisher, [])

    def ring(self, domain: str) -> None:
        """Nobody sleeps here."""

    def wait(self, domains: Sequence[str], seconds: float) -> None:
        """Nobody sleeps here."""


def deliver_events(
    *, now: datetime | None = None, sweeps: bool = False, failures_expected: bool = False
) -> None:
    """Deliver what was published and run what was rung until nothing is left to do.

    Works inside Django's TestCase transactions. `now` makes retries due that wait for it;
    `sweeps` also runs every periodic task once. A handler that raises fails the test, unless
    `failures_expected`; a job's own exception comes out as it is.
    """
    now = now or clock.now()
    with dispatch.use(InlineDispatcher()) as inline:
        for _ in range(MOST_ROUNDS):
            if not _round(inline, now=now, sweeps=sweeps):
                break
            sweeps = False
        else:
            raise EventsFailed(f"Work goes on after {MOST_ROUNDS} rounds")
    if not failures_expected:
        _raise_failures()


def _round(inline: InlineDispatcher, *, now: datetime, sweeps: bool) -> bool:
    """Do one round; return whether anything happened."""
    run_commit_hooks()
    _take_over_queues(inline)
    sent = sum(relay.relay(domain, now=now) for domain in settings.DOMAINS)
    for domain in settings.DOMAINS:
        relay.send_retries(domain, now=now)
    if sweeps:
        _sweep(now=now)
    performed = _perform(inline)
    for domain in settings.DOMAINS:
        relay.close_acknowledged(domain, now=now)
    return bool(sent or performed)


def _take_over_queues(inline: InlineDispatcher) -> None:
    """Take what was rung by really committed transactions off the real queues."""
    for domain in settings.DOMAINS:
        queue = get_queue(domain)
        for job in queue.jobs:
            function = str(job.func_name)
            inline.enqueue(Job(domain=domain, function=function, args=job.args, description=""))
        queue.delete(delete_jobs=True)


def _perform(inline: InlineDispatcher) -> int:
    performed = 0
    while inline.jobs:
        job = inline.jobs.popleft()
        args: list[Any] = json.loads(json.dumps(job.args))
        if job.body:
            args.append(name := f"body {performed}")
            inline.bodies[name] = job.body
        import_string(job.function)(*args)
        run_commit_hooks()
        performed += 1
    return performed


def _sweep(*, now: datetime) -> None:
    for domain in settings.DOMAINS:
        for task in periodic.of_domain(domain):
            task.run(now=now)
            run_commit_hooks()


def run_commit_hooks() -> None:
    """Run what waits for a commit where no transaction but a test's own is open."""
    for domain in settings.DOMAINS:
        connection = connections[domain]
        if not db.in_transaction(domain):
            hooks, connection.run_on_commit = connection.run_on_commit, []
            for hook in hooks:
                hook[1]()


def _raise_failures() -> None:
    for domain in settings.DOMAINS:
        for failed in FailedEvent.objects.using(domain).all():
            raise EventsFailed(f"{failed.handler} raised on {failed.envelope}:\n{failed.error}")
