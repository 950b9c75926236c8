"""Background jobs: a domain rings one when there is work, and a periodic sweep guarantees it."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import asdict
from functools import partial, wraps
from typing import Any, TypeVar, cast
from uuid import UUID

from redis import RedisError

from kernel import context, db, dispatch, scope
from kernel.context import RequestContext
from kernel.events import subscriptions
from kernel.periodic import periodic

__all__ = ["job", "perform", "periodic", "ring"]

log = logging.getLogger(__name__)

F = TypeVar("F", bound=Callable[..., None])

_jobs: dict[str, Callable[..., None]] = {}


class NotAJob(TypeError):
    """Only functions declared with `@job` run in the background."""


def job(function: F) -> F:
    """Declare a function in a domain's tasks.py as a job; its arguments are plain JSON.

    However it is called, it sees the rows of the organization in the context that it is told.
    """

    @wraps(function)
    def work(*args: Any, **kwargs: Any) -> None:
        with scope.use(scope.of(context.current().organization_id)):
            function(*args, **kwargs)

    declared = cast("F", work)
    _jobs[_name(function)] = declared
    return declared


def ring(function: Callable[..., None] | str, *args: Any, timeout: int = 60) -> None:
    """Have the job run soon: enqueued after the commit of its domain's open transaction, if any.

    Services and handlers, which stand beside or below tasks.py, name it: "<domain>.<function>".
    It may run for `timeout` seconds. Best effort: with Redis away nothing happens, and the periodic
    sweep does the work. Raises `NotAJob`, and TypeError if the arguments aren't plain JSON.
    """
    name = function if isinstance(function, str) else _name(function)
    domain = name.partition(".")[0]
    find(name)
    json.dumps(args)
    work = dispatch.Job(
        domain=domain,
        function="kernel.jobs.perform",
        args=(name, list(args), _plain(context.current())),
        description=f"{name}({', '.join(map(repr, args))})",
        timeout=timeout,
    )
    db.run_after_commit(domain, partial(_enqueue, work))


def _enqueue(work: dispatch.Job) -> None:
    try:
        dispatch.current().enqueue(work)
    except RedisError:
        log.warning("%s was not rung: Redis is away, its sweep will do it", work.description)


def perform(name: str, args: list[Any], told: dict[str, str]) -> None:
    """Run the job in the context in which it was rung; RQ calls this."""
    with context.use(_context(told)):
        find(name)(*args)


def find(name: str) -> Callable[..., None]:
    """Return the job of that name in a domain served here; raise `NotAJob` if there is none."""
    subscriptions.load(name.partition(".")[0])
    try:
        return _jobs[name]
    except KeyError:
        raise NotAJob(f"{name} is not declared with @job") from None


def _name(function: Callable[..., Any]) -> str:
    return f"{function.__module__.split('.')[1]}.{function.__name__}"


def _plain(now: RequestContext) -> dict[str, str]:
    return {name: str(value) for name, value in asdict(now).items() if value}


def _context(told: dict[str, str]) -> RequestContext:
    facts: dict[str, Any] = dict(told)
    for name in {"actor_id", "organization_id", "on_behalf_of", "api_key_id"} & told.keys():
        facts[name] = UUID(told[name])
    return RequestContext(**facts)
