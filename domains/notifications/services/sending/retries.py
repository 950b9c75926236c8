"""When a failed attempt is made again, by the class of its failure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import SystemRandom

from domains.notifications.models import Failure

_random = SystemRandom()


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """Exponential from `first` to `longest`; after `attempts` in all it is given up."""

    first: timedelta
    longest: timedelta
    attempts: int


# RFC 5321, 4.5.4.1: retry for days, not hours. Greylisting wants the first retry after minutes.
# What may have arrived is sent once more at most: the same Message-ID marks the duplicate.
SCHEDULES = {
    Failure.UNREACHABLE: Schedule(
        first=timedelta(seconds=30), longest=timedelta(hours=1), attempts=100
    ),
    Failure.TEMPORARY: Schedule(
        first=timedelta(minutes=1), longest=timedelta(hours=4), attempts=30
    ),
    Failure.CONFIGURATION: Schedule(
        first=timedelta(minutes=5), longest=timedelta(hours=4), attempts=30
    ),
    Failure.UNCERTAIN: Schedule(
        first=timedelta(minutes=1), longest=timedelta(minutes=1), attempts=2
    ),
    Failure.PERMANENT: Schedule(first=timedelta(), longest=timedelta(), attempts=0),
}


def next_attempt_at(*, failure: Failure, attempts: int, now: datetime) -> datetime | None:
    """Return when to try again after `attempts` failures; None when it is over.

    Half of the wait is left to chance, so that what failed together doesn't return together.
    """
    schedule = SCHEDULES[failure]
    if attempts >= schedule.attempts:
        return None
    doublings = min(attempts - 1, 30)
    wait = min(schedule.first * 2**doublings, schedule.longest)
    return now + wait * _random.uniform(0.5, 1)
