"""Which limits a request falls under, and who decides: Redis, or others while it is away."""

from __future__ import annotations

import hashlib
import logging
import time
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from redis import RedisError

from gateway.credentials import Credentials
from gateway.limits import durable, shared
from gateway.limits.local import LocalLimits
from gateway.limits.windows import Count, Window
from gateway.policies import Policy
from kernel import clock
from kernel.addresses import network
from kernel.rest import Limit

log = logging.getLogger(__name__)

# Spares every request of that time the wait for a Redis that doesn't answer.
PAUSE_SECONDS = 1.0
FAILURES = "failures"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the limits need to know of a request."""

    method: str
    address: str
    policy: Policy
    credentials: Credentials | None
    document: Any = None
    access_fact: str = ""


@dataclass(frozen=True, kw_only=True)
class Admission:
    """What the limits answered. `shared` says that Redis did, and then what it knew besides."""

    counts: list[Count]
    shared: bool = False
    session: str | None = None
    plan_counted: bool = False
    waits: list[Count] = field(default_factory=list)


@dataclass
class _Process:
    """What this process keeps of its own: for how long Redis is left alone, and its counts."""

    away_until: float = 0.0
    local: LocalLimits = field(default_factory=LocalLimits)

    def restart(self) -> None:
        """Begin anew."""
        self.away_until, self.local = 0.0, LocalLimits()


process = _Process()


def admit(asked: Asked) -> Admission:
    """Count the request and return what its limits say; refusing is the caller's business."""
    general, sensitive = _general(asked), _sensitive(asked)
    token = asked.credentials and asked.credentials.token
    session = f"session:{token.session_id}" if token else ""
    known = try_shared(general + sensitive, session_fact=session, access_fact=asked.access_fact)
    if known is None:
        return _without_redis(asked.policy, general, sensitive)
    return Admission(
        counts=[count for count in known.counts if count.name != FAILURES],
        waits=[count for count in known.counts if count.wait],
        shared=True,
        session=known.session,
        plan_counted=known.plan_counted,
    )


def try_shared(
    windows: list[Window], *, session_fact: str = "", access_fact: str = ""
) -> shared.Shared | None:
    """Return Redis' decision, or None while it is away."""
    if time.monotonic() < process.away_until:
        return None
    try:
        return shared.ask(windows, session_fact=session_fact, access_fact=access_fact)
    except RedisError:
        process.away_until = time.monotonic() + PAUSE_SECONDS
        log.warning("Redis is away: limits are counted locally and in PostgreSQL")
        return None


def failures(address: str, *, cost: int) -> Window:
    """Return the limit of unknown API keys from an address: each costs a look into PostgreSQL."""
    quota, seconds = settings.RATE_LIMIT_ANONYMOUS
    key = f"rate:{FAILURES}:{network(address)}"
    return Window(name=FAILURES, key=key, quota=quota, seconds=seconds, cost=cost)


def _general(asked: Asked) -> list[Window]:
    if asked.credentials is None:
        of_view = asked.policy.anonymous_rate
        quota, seconds = of_view or settings.RATE_LIMIT_ANONYMOUS
        key = f"rate:{'servers' if of_view else 'address'}:{network(asked.address)}"
        return [Window(name="default", key=key, quota=quota, seconds=seconds)]
    quota, seconds = settings.RATE_LIMIT_ACCOUNT
    key = f"rate:{asked.credentials.subject}"
    own = Window(name="default", key=key, quota=quota, seconds=seconds)
    return [own] if asked.credentials.token else [own, failures(asked.address, cost=0)]


def _sensitive(asked: Asked) -> list[Window]:
    limits = [limit for limit in asked.policy.limits if asked.method in limit.methods]
    named = [(limit, _subject(limit, asked)) for limit in limits]
    return [
        Window(
            name=limit.name,
            key=f"rate:{limit.name}:{subject}",
            quota=limit.quota,
            seconds=limit.window,
        )
        for limit, subject in named
        if subject
    ]


def _subject(limit: Limit, asked: Asked) -> str:
    if limit.field is None:
        return network(asked.address)
    value = asked.document.get(limit.field) if isinstance(asked.document, dict) else None
    if not isinstance(value, str):
        return ""
    return hashlib.sha256(value.strip().casefold().encode()).hexdigest()[:32]


def _without_redis(policy: Policy, general: list[Window], sensitive: list[Window]) -> Admission:
    counts = process.local.ask([window for window in general if window.cost], now=time.monotonic())
    if sensitive and policy.domain and not any(count.wait for count in counts):
        counts += durable.ask(policy.domain, sensitive, now=clock.now())
    return Admission(counts=counts, waits=[count for count in counts if count.wait])
