"""Whether a provider is asked now: its circuit breaker and its rate, kept for all processes.

A breaker opens when the provider is away, or fails often in a row. Once its time has come one
attempt is let through; how that goes closes it, or opens it for longer.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import SystemRandom
from typing import Any

from django.db import connections
from django.db.models import F

from domains.notifications.models import Failure, Provider
from domains.notifications.services.channels import port
from kernel.db import transaction

# One that can't be reached is away for everybody; the other failures may be the message's own.
FAILURES_TO_OPEN = {Failure.UNREACHABLE: 1, Failure.CONFIGURATION: 5, Failure.UNCERTAIN: 5}
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=10)
# For so long the one attempt that finds out has the provider to itself, if its worker dies.
PROBE = timedelta(minutes=1)
# A slot that is so near is waited for; for one further away the delivery is put back.
PATIENCE = timedelta(seconds=1)
BREAKER, RATE = "breaker.open", "provider.rate"
_random = SystemRandom()

# A token bucket kept as one instant (the generic cell rate algorithm, ITU-T I.371): when the next
# slot is, as if the bucket had always been emptied as fast as may be.
_TAKE_SLOT = """
    INSERT INTO provider AS known (key, next_slot_at) VALUES (%(key)s, %(floor)s + %(apart)s)
    ON CONFLICT (key) DO UPDATE
        SET next_slot_at = greatest(known.next_slot_at, %(floor)s) + %(apart)s
        WHERE known.next_slot_at IS NULL OR known.next_slot_at <= %(latest)s
    RETURNING next_slot_at - %(apart)s
"""


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """The provider is not to be asked before `until`; `rule` says why, as traces do."""

    until: datetime
    rule: str


@dataclass(frozen=True, kw_only=True)
class Admission:
    """The provider may be asked, once; `troubled` if there is something to forget afterwards."""

    troubled: bool


def admit(*, provider: port.Provider, now: datetime) -> Admission | Refusal:
    """Return whether the provider may be asked now, having waited for its rate if that is near."""
    known = Provider.objects.filter(key=provider.key).first()
    if known is not None and known.retry_at is not None and not _is_probe(known, now):
        return Refusal(until=max(known.retry_at, now + PROBE / 2), rule=BREAKER)
    if provider.rate is not None:
        refusal = _take_slot(provider.key, provider.rate, known, now)
        if refusal is not None:
            return refusal
    return Admission(troubled=known is not None and bool(known.failures))


def later(refusal: Refusal) -> datetime:
    """Return when to come back, not all at once."""
    return refusal.until + FIRST_PAUSE * _random.uniform(0, 1)


def record_success(*, provider: port.Provider, admission: Admission) -> None:
    """Note that the provider answered: what failed before is forgotten."""
    if admission.troubled:
        with transaction("notifications"):
            Provider.objects.filter(key=provider.key).update(
                failures=0, openings=0, retry_at=None, last_error=""
            )


def record_failure(*, provider: port.Provider, error: port.AttemptFailed, now: datetime) -> None:
    """Note that the provider failed, and open its breaker where that says that it is away."""
    if error.failure not in FAILURES_TO_OPEN:
        return
    with transaction("notifications"):
        Provider.objects.get_or_create(key=provider.key)
        row = Provider.objects.select_for_update().get(key=provider.key)
        row.failures += 1
        row.failed_at, row.last_error = now, str(error)
        if row.retry_at is not None or row.failures >= FAILURES_TO_OPEN[error.failure]:
            row.openings += 1
            row.retry_at = now + (error.wait or _pause(row.openings))
        row.save(update_fields=["failures", "failed_at", "last_error", "openings", "retry_at"])


def close(*, key: str) -> bool:
    """Have the provider asked again at once; return False if its breaker wasn't open."""
    with transaction("notifications"):
        opened = Provider.objects.filter(key=key, retry_at__isnull=False)
        return bool(opened.update(failures=0, openings=0, retry_at=None))


def forget_healthy(*, now: datetime) -> None:
    """Delete what nothing can be learned from any more; names of far sides come and go."""
    old = now - timedelta(days=7)
    with transaction("notifications"):
        idle = Provider.objects.filter(retry_at=None).exclude(failed_at__gt=old)
        idle.exclude(next_slot_at__gt=old).delete()
        Provider.objects.filter(failed_at__lt=old, retry_at__lt=old).delete()


def _is_probe(known: Provider, now: datetime) -> bool:
    """Return whether this is the one attempt that finds out how an open breaker's provider is."""
    if known.retry_at is None or known.retry_at > now:
        return False
    with transaction("notifications"):
        waiting = Provider.objects.filter(key=known.key, retry_at=known.retry_at)
        return bool(waiting.update(retry_at=now + PROBE, failures=F("failures")))


def _take_slot(
    key: str, rate: tuple[int, int], known: Provider | None, now: datetime
) -> Refusal | None:
    quota, seconds = rate
    apart = timedelta(seconds=seconds) / quota
    told: dict[str, Any] = {
        "key": key,
        "apart": apart,
        "floor": now - apart * (quota - 1),
        "latest": now + PATIENCE,
    }
    with connections["notifications"].cursor() as cursor:
        cursor.execute(_TAKE_SLOT, told)
        row = cursor.fetchone()
    if row is None:
        nearest = known.next_slot_at if known is not None else None
        return Refusal(until=nearest or now + apart, rule=RATE)
    time.sleep(max(timedelta(), row[0] - now).total_seconds())
    return None


def _pause(openings: int) -> timedelta:
    longest: timedelta = min(FIRST_PAUSE * 2 ** min(openings - 1, 10), LONGEST_PAUSE)
    return longest * _random.uniform(0.5, 1)
