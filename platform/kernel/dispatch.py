"""What domains' processes tell one another through Redis: jobs, bells and acknowledgements.

Nothing here is the truth: whatever is lost in Redis is said again from PostgreSQL.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol, TypeVar
from uuid import uuid4

from django.conf import settings
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.client import Pipeline
from redis.retry import Retry
from rq import Queue

from kernel.redis import connection

log = logging.getLogger(__name__)

FAILURE_TTL = 6 * 3600
ACKNOWLEDGEMENTS_AT_ONCE = 100
BODY_SECONDS = 3600


@dataclass(frozen=True, kw_only=True)
class Job:
    """A registered function of one domain and its plain JSON arguments.

    A `body` is long text: it waits beside the job, and the function is given its name as a last
    argument. (What stands in the arguments RQ reads twice and compresses.)
    """

    domain: str
    function: str
    args: Sequence[Any]
    description: str
    body: str = ""
    timeout: int = 60


@dataclass(frozen=True)
class Acknowledgement:
    """That a domain has handled, or durably taken charge of, these events."""

    consumer: str
    event_ids: Sequence[str]


class Dispatcher(Protocol):
    """The ways from one process to another. Every method but `ring` raises `redis.RedisError`."""

    def enqueue(self, job: Job) -> None:
        """Put the job on its domain's queue."""

    def take_body(self, name: str) -> str | None:
        """Return a job's body, once; None if it was taken before or is lost."""

    def waiting(self, domains: Sequence[str]) -> dict[str, int]:
        """Return how many jobs wait on each domain's queue."""

    def acknowledge(self, publisher: str, acknowledgement: Acknowledgement) -> None:
        """Tell the publisher's relay, and wake it."""

    def acknowledgements(self, publisher: str) -> list[Acknowledgement]:
        """Take some of what was acknowledged to the publisher; an empty list at the end."""

    def ring(self, domain: str) -> None:
        """Wake the domain's relay, if Redis is there."""

    def wait(self, domains: Sequence[str], seconds: float) -> None:
        """Return when one of the domains' bells rings, or after the seconds."""


D = TypeVar("D", bound=Dispatcher)


class RedisDispatcher:
    """The `Dispatcher` of running processes."""

    def enqueue(self, job: Job) -> None:
        self._queue(job.domain).enqueue_call(
            func=job.function,
            args=(*job.args, *self._keep(job.body)),
            timeout=job.timeout,
            result_ttl=0,
            failure_ttl=FAILURE_TTL,
            description=job.description,
        )

    def _keep(self, body: str) -> list[str]:
        if not body:
            return []
        name = f"body:{uuid4()}"
        connection().set(name, body, ex=BODY_SECONDS)
        return [name]

    def take_body(self, name: str) -> str | None:
        body: Any = connection().getdel(name)
        return body and body.decode()

    def waiting(self, domains: Sequence[str]) -> dict[str, int]:
        pipeline = connection().pipeline(transaction=False)
        for domain in domains:
            pipeline.llen(Queue.redis_queue_namespace_prefix + domain)
        return dict(zip(domains, pipeline.execute(), strict=True))

    def acknowledge(self, publisher: str, acknowledgement: Acknowledgement) -> None:
        said = json.dumps([acknowledgement.consumer, *acknowledgement.event_ids])
        pipeline = connection().pipeline(transaction=False)
        pipeline.rpush(_acknowledgements(publisher), said)
        _pull(pipeline, publisher)
        pipeline.execute()

    def acknowledgements(self, publisher: str) -> list[Acknowledgement]:
        key = _acknowledgements(publisher)
        taken: Any = connection().lpop(key, ACKNOWLEDGEMENTS_AT_ONCE)
        said = (json.loads(item) for item in taken or ())
        return [Acknowledgement(consumer, event_ids) for consumer, *event_ids in said]

    def ring(self, domain: str) -> None:
        try:
            pipeline = connection().pipeline(transaction=False)
            _pull(pipeline, domain)
            pipeline.execute()
        except RedisError:
            log.debug("Nobody heard the bell of %s: the relay looks by itself", domain)

    def wait(self, domains: Sequence[str], seconds: float) -> None:
        self._patient.blpop([_bell(domain) for domain in domains], timeout=seconds)

    @cached_property
    def _patient(self) -> Redis:
        retry = Retry(NoBackoff(), 0)
        return Redis.from_url(settings.REDIS_URL, socket_timeout=10, retry=retry)

    def _queue(self, domain: str) -> Any:
        from django_rq import get_queue

        return get_queue(domain, connection=connection(), commit_mode="auto")


def _pull(pipeline: Pipeline, domain: str) -> None:
    """Ring the bell, which rings no longer for being pulled twice."""
    pipeline.rpush(_bell(domain), 1)
    pipeline.ltrim(_bell(domain), 0, 0)


def _bell(domain: str) -> str:
    return f"bell:{domain}"


def _acknowledgements(publisher: str) -> str:
    return f"acks:{publisher}"


_current: Dispatcher = RedisDispatcher()


def current() -> Dispatcher:
    """Return the dispatcher of this process."""
    return _current


@contextmanager
def use(dispatcher: D) -> Iterator[D]:
    """Have everything in this process go through `dispatcher` for the block."""
    global _current  # noqa: PLW0603  one process speaks through one dispatcher
    before, _current = _current, dispatcher
    try:
        yield dispatcher
    finally:
        _current = before
