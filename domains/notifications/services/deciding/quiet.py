"""When a person wants quiet, by the clock on their wall; and when a digest of theirs is due."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from domains.notifications.models import Frequency

EVERY_DAY = tuple(range(7))
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WEEK = 7


@dataclass(frozen=True, kw_only=True)
class Quiet:
    """From when until when; beyond midnight where `until` is the earlier.

    `days` are those on which it begins, Monday being 0. The two times differ.
    """

    begins: time
    until: time
    days: tuple[int, ...] = EVERY_DAY


@dataclass(frozen=True, kw_only=True)
class Beat:
    """At which hour of which day (Monday being 0) what was gathered is told."""

    hour: int = 8
    day: int = 0


@cache
def zone_of(name: str) -> ZoneInfo:
    """Return the time zone of that IANA name; UTC for one that this machine doesn't know."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def is_quiet(*, quiet: Quiet, zone: ZoneInfo, at: datetime) -> bool:
    """Return whether the wall clock of the zone stands within the quiet hours at the instant."""
    wall = at.astimezone(zone)
    shown, today = wall.time().replace(fold=0), wall.weekday()
    if quiet.begins < quiet.until:
        return today in quiet.days and quiet.begins <= shown < quiet.until
    since_yesterday = (today - 1) % WEEK in quiet.days and shown < quiet.until
    return since_yesterday or (today in quiet.days and shown >= quiet.begins)


# Of a page many have the same hours and zone, and all of them the same instant.
@lru_cache(maxsize=4_096)
def quiet_until(*, quiet: Quiet, zone: ZoneInfo, at: datetime) -> datetime | None:
    """Return when the quiet hours around the instant end, in UTC; None if there are none around it.

    Where the clock goes back, quiet hours may end twice: the next end counts. An end that the clock
    leaps over is as long after the leap as it would have been without (RFC 5545, 3.3.5).
    """
    if not is_quiet(quiet=quiet, zone=zone, at=at):
        return None
    today = at.astimezone(zone).date()
    ends = {
        end
        for days in range(3)
        for end in _instants(today + days * DAY, quiet.until, zone)
        if end > at and not is_quiet(quiet=quiet, zone=zone, at=end)
    }
    return min(ends)


@lru_cache(maxsize=4_096)
def next_digest(*, frequency: str, beat: Beat, zone: ZoneInfo, at: datetime) -> datetime:
    """Return the next time, in UTC and after the instant, at which what is gathered is told.

    Every full hour, or at the hour in the zone, every day or on one day of the week.
    """
    if frequency == Frequency.HOURLY:
        return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + HOUR
    today = at.astimezone(zone).date()
    for days in range(2 * WEEK + 1):
        day = today + days * DAY
        due = _first_instant(day, time(beat.hour), zone)
        if due > at and (frequency == Frequency.DAILY or day.weekday() == beat.day):
            return due
    raise AssertionError("a week has every day")


def _instants(day: date, shown: time, zone: ZoneInfo) -> Iterator[datetime]:
    """Yield the instants at which the clock may show the time on the day: two as it goes back."""
    for fold in (0, 1):
        yield datetime.combine(day, shown, zone).replace(fold=fold).astimezone(UTC)


def _first_instant(day: date, shown: time, zone: ZoneInfo) -> datetime:
    return next(_instants(day, shown, zone))
