"""Events that a handler could not handle: kept by its domain, tried again, in the end dead."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from kernel import db
from kernel.events.envelope import Wire
from kernel.events.subscriptions import Subscription
from kernel.models import FailedEvent

FIRST_DELAY = timedelta(seconds=10)
LONGEST_DELAY = timedelta(hours=1)
LONGEST_ERROR = 4000


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """A failed event that is being tried again."""

    id: UUID
    handler: str
    wire: Wire


def describe(error: BaseException) -> str:
    """Return what went wrong and where, for staff; the end of it if it is long."""
    return "".join(traceback.format_exception(error)).replace("\0", "")[-LONGEST_ERROR:]


def delay_after(attempts: int) -> timedelta:
    """Return how long to wait after so many attempts: twice as long each time, up to an hour."""
    return min(FIRST_DELAY * 2 ** min(attempts, 20), LONGEST_DELAY)


def record(subscription: Subscription, wires: Sequence[Wire], *, error: str, now: datetime) -> None:
    """Take durable charge of these events; those that are already in charge stay as they are."""
    rows = [
        FailedEvent(
            event_id=wire["id"],
            handler=subscription.handler,
            envelope=dict(wire),
            attempts=1 if error else 0,
            error=error,
            failed_at=now,
            next_attempt_at=now + delay_after(0) if error else now,
        )
        for wire in wires
    ]
    FailedEvent.objects.using(subscription.domain).bulk_create(rows, ignore_conflicts=True)


def begin_attempt(domain: str, failed_id: str, *, now: datetime) -> Attempt | None:
    """Count one more attempt; return None if the event is settled, dead or out of attempts."""
    with db.transaction(domain):
        alive = FailedEvent.objects.using(domain).filter(dead_at=None)
        failed = alive.select_for_update().filter(id=failed_id).first()
        if failed is None:
            return None
        out = failed.attempts >= settings.EVENT_MAX_ATTEMPTS
        failed.attempts += not out
        failed.next_attempt_at = now + delay_after(failed.attempts)
        failed.dead_at = now if out else None
        failed.save(using=domain)
        if out:
            return None
        return Attempt(id=failed.id, handler=failed.handler, wire=failed.envelope)


def fail(domain: str, failed_id: UUID, *, error: str, now: datetime) -> None:
    """Note why the attempt failed; the event is dead if it was the last one."""
    row = FailedEvent.objects.using(domain).filter(id=failed_id)
    row.update(error=error, failed_at=now)
    row.filter(attempts__gte=settings.EVENT_MAX_ATTEMPTS, dead_at=None).update(dead_at=now)


def settle(domain: str, failed_id: UUID) -> None:
    """Forget the failure, in the transaction in which the event was handled."""
    FailedEvent.objects.using(domain).filter(id=failed_id).delete()


def replay(failed: QuerySet[FailedEvent], *, now: datetime) -> int:
    """Have the dead among these events tried again from the start; return how many they are."""
    dead = failed.filter(dead_at__isnull=False)
    return dead.update(dead_at=None, attempts=0, next_attempt_at=now)


def take_due(domain: str, *, now: datetime, limit: int) -> list[str]:
    """Return the ids of events due for another attempt, and lease them to the caller.

    Runs in the caller's transaction: what it then can't enqueue stays due.
    """
    due = FailedEvent.objects.using(domain).filter(dead_at=None, next_attempt_at__lte=now)
    locked = due.order_by("next_attempt_at").select_for_update(skip_locked=True)
    ids = list(locked.values_list("id", flat=True)[:limit])
    leased = FailedEvent.objects.using(domain).filter(id__in=ids)
    leased.update(next_attempt_at=now + timedelta(seconds=settings.EVENT_LEASE))
    return [str(failed_id) for failed_id in ids]
