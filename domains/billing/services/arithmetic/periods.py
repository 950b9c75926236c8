"""Billing periods: half-open, in the customer's time zone, counted from an anchor.

A boundary is the anchor and a whole number of intervals, its day clamped to the month's last, so
31 January is followed by 28 February and 31 March: never counted from the previous end. How a local
time becomes an instant is said in `local_time`. Instants are aware datetimes in UTC.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from zoneinfo import ZoneInfo

from domains.billing.services.arithmetic.local_time import local_day, to_instant, zone_of

# A Monday, 1 January: weeks, months and years of the calendar are all counted from it.
_CALENDAR = datetime(1, 1, 1)  # noqa: DTZ001  a local time
_ONE_OF_MONTHS = {"month": 1, "year": 12}
_ONE_OF_DAYS = {"day": 1, "week": 7}


class IntervalUnit(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


class Alignment(StrEnum):
    ANNIVERSARY = "anniversary"  # periods begin at the anchor's day and time
    CALENDAR = "calendar"  # at local midnight, on Mondays, on the first of months or years


@dataclass(frozen=True, kw_only=True)
class Interval:
    """Every `count` units; a quarter is three months. Raises `ValueError` for less than one."""

    unit: IntervalUnit
    count: int = 1

    def __post_init__(self) -> None:
        IntervalUnit(self.unit)
        if self.count < 1:
            raise ValueError("An interval is one unit or more.")

    def after(self, start: datetime, times: int) -> datetime:
        """Return the local time so many intervals after the local start, its day clamped."""
        if self.unit in _ONE_OF_DAYS:
            return start + timedelta(days=times * self.count * _ONE_OF_DAYS[self.unit])
        months = times * self.count * _ONE_OF_MONTHS[self.unit]
        years, month = divmod(start.month - 1 + months, 12)
        last = monthrange(start.year + years, month + 1)[1]
        return start.replace(year=start.year + years, month=month + 1, day=min(start.day, last))

    def between(self, start: date, day: date) -> int:
        """Return the number of the last interval that begins by the end of the day, or its month.

        So of those that began by a time of that day, none is later.
        """
        if self.unit in _ONE_OF_DAYS:
            return (day - start).days // (self.count * _ONE_OF_DAYS[self.unit])
        months = (day.year - start.year) * 12 + day.month - start.month
        return months // (self.count * _ONE_OF_MONTHS[self.unit])


@dataclass(frozen=True, kw_only=True)
class Period:
    """From `start` until just before `end`; both UTC."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo != UTC or self.end.tzinfo != UTC:
            raise ValueError("A period is between two instants of UTC.")
        if self.start > self.end:
            raise ValueError("A period ends before it starts.")

    def __contains__(self, instant: datetime) -> bool:
        return self.start <= instant < self.end

    def overlap(self, other: Period) -> Period | None:
        """Return what both have in common; None if that is nothing."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Period(start=start, end=end) if start < end else None


@dataclass(frozen=True, kw_only=True)
class Cycle:
    """The periods of a subscription; number 0 holds the anchor, those before it are negative.

    Aligned to the anniversary, period 0 starts at the anchor. Aligned to the calendar, it is the
    whole month (week, …) that the anchor is in: what of it is the customer's is its `overlap` with
    the time from the anchor on. Several units count from Monday, 1 January of the year 1, so
    quarters start in January, April, July and October.

    Raises `TimeZoneUnknown`, and `ValueError` for an anchor that is not in UTC.
    """

    anchor: datetime
    interval: Interval
    time_zone: str
    alignment: Alignment = Alignment.ANNIVERSARY

    def __post_init__(self) -> None:
        if self.anchor.tzinfo != UTC:
            raise ValueError("An anchor is an instant of UTC.")
        Alignment(self.alignment)
        zone_of(self.time_zone)

    def period(self, index: int) -> Period:
        """Return the period of that number."""
        return Period(start=self._boundary(index), end=self._boundary(index + 1))

    def period_at(self, instant: datetime) -> Period:
        """Return the period that the instant (UTC) is in."""
        return self.period(self.index_at(instant))

    def period_after(self, period: Period) -> Period:
        """Return the period that begins where this one, or a part of one, ends."""
        return self.period_at(period.end)

    def index_at(self, instant: datetime) -> int:
        """Return the number of the period that the instant (UTC) is in."""
        day = local_day(instant=instant, zone=self._zone)
        index = self.interval.between(self._origin.date(), day) - self._first
        while self._boundary(index) > instant:
            index -= 1
        return index

    def _boundary(self, index: int) -> datetime:
        if index == 0 and self.alignment == Alignment.ANNIVERSARY:
            return self.anchor  # itself, even where its local time is that of an earlier instant
        local = self.interval.after(self._origin, self._first + index)
        return to_instant(local=local, zone=self._zone)

    @cached_property
    def _zone(self) -> ZoneInfo:
        return zone_of(self.time_zone)

    @cached_property
    def _origin(self) -> datetime:
        if self.alignment == Alignment.CALENDAR:
            return _CALENDAR
        return self.anchor.astimezone(self._zone).replace(tzinfo=None, fold=0)

    @cached_property
    def _first(self) -> int:
        """Return how many intervals lie between the origin and period 0."""
        if self.alignment == Alignment.ANNIVERSARY:
            return 0
        day = local_day(instant=self.anchor, zone=self._zone)
        return self.interval.between(self._origin.date(), day)
