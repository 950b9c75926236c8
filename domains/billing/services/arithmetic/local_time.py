"""The clocks of a time zone (IANA name) and the instants of UTC.

A local time stands for the first instant at which the zone's clocks show it or a later one. So one
that the change to summer time skips is the first instant after the gap; one that the change back
repeats is its first occurrence. (RFC 5545, 3.3.5 says the same for the repeated one.)
"""

from __future__ import annotations

from bisect import bisect_left
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_SECOND = timedelta(seconds=1)
_DAY = timedelta(days=1)


class TimeZoneUnknown(ValueError):
    """No time zone of the IANA database."""


def zone_of(name: str) -> ZoneInfo:
    """Return the zone of that IANA name; raise `TimeZoneUnknown`."""
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError) as error:
        raise TimeZoneUnknown(f"{name!r} is no time zone.") from error


def to_instant(*, local: datetime, zone: ZoneInfo) -> datetime:
    """Return the instant (UTC) that the local time (naive) stands for."""
    before, after = (local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if before <= after:
        return before
    return _end_of_gap(after, before, zone)


def _end_of_gap(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    """Return the second after `low`, up to `high`, when the zone took the offset of `high`."""
    low = low.replace(microsecond=0)
    seconds = range((high - low) // _SECOND + 1)
    offset = high.astimezone(zone).utcoffset()
    return low + _SECOND * bisect_left(
        seconds, 1, key=lambda n: (low + n * _SECOND).astimezone(zone).utcoffset() == offset
    )


def midnight(*, day: date, zone: ZoneInfo) -> datetime:
    """Return the instant (UTC) at which the local day begins."""
    return to_instant(local=datetime.combine(day, time()), zone=zone)


def local_day(*, instant: datetime, zone: ZoneInfo) -> date:
    """Return the local day that the instant is in: the last one that has begun.

    Where clocks are put back over midnight they show the day before once more; that hour is in
    the day that had begun, so days never run backwards.
    """
    shown = instant.astimezone(zone).date()
    following = shown + _DAY
    return following if midnight(day=following, zone=zone) <= instant else shown


def end_of_day(*, instant: datetime, time_zone: str) -> datetime:
    """Return the instant (UTC) at which the local day that the instant is in ends."""
    zone = zone_of(time_zone)
    return midnight(day=local_day(instant=instant, zone=zone) + _DAY, zone=zone)
