"""What a part of a period costs.

Time is read off a ruler, and a share is one length on it divided by another. So whichever way a
period is split, the shares of its parts sum to one exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from zoneinfo import ZoneInfo

from domains.billing.services.arithmetic.allocation import amounts_of
from domains.billing.services.arithmetic.local_time import local_day, zone_of
from domains.billing.services.arithmetic.money import Amount, Exact, exact, precise
from domains.billing.services.arithmetic.periods import Period

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Resolution(StrEnum):
    """By what a price is prorated."""

    SECOND = "second"  # whole seconds that passed
    DAY = "day"  # local days; the day of a change belongs to what comes after it
    # Months of 30 days (30E/360: ISDA 2006 Definitions, 4.16(g)): the 31st costs nothing, and the
    # last of February what is left of 30.
    THIRTY_DAY_MONTH = "thirty_day_month"


def seconds(period: Period) -> int:
    """Return the whole seconds of the period; fractions of its bounds are cut off."""
    return _length(period, Resolution.SECOND, ZoneInfo("UTC"))


def days(*, period: Period, time_zone: str) -> int:
    """Return how many local days it is from the day the period starts in to that it ends in."""
    return _length(period, Resolution.DAY, zone_of(time_zone))


def share(*, period: Period, used: Period, resolution: Resolution, time_zone: str) -> Fraction:
    """Return which share of the period the used part of it is, from 0 to 1, exactly.

    A period without a length at this resolution (one day, which is a 31st) is measured by seconds.
    Raises `ValueError` if `used` is not within the period or the period is empty, and
    `TimeZoneUnknown`.
    """
    if used.start < period.start or used.end > period.end:
        raise ValueError("What is used is not within the period.")
    resolution, zone = Resolution(resolution), zone_of(time_zone)
    whole = _length(period, resolution, zone)
    if not whole:
        resolution, whole = Resolution.SECOND, seconds(period)
    if not whole:
        raise ValueError("The period is empty.")
    return Fraction(_length(used, resolution, zone), whole)


def prorate(*, amount: Exact, share: Fraction) -> Decimal:
    """Return the precise value (12 decimals, cut) of the share of the amount."""
    return precise(exact(amount) * share)


def split(*, amount: Exact, shares: Sequence[Fraction]) -> list[Amount]:
    """Return the parts of the amount, by shares that sum to one.

    Precise values sum to the precise amount and rounded ones to the rounded amount, by largest
    remainder: of two parts that both end in a half, the first is rounded up. Raises `ValueError`.
    """
    if sum(shares) != 1:
        raise ValueError("The shares don't sum to one.")
    return amounts_of(quotas=[exact(amount) * share for share in shares])


def _length(period: Period, resolution: Resolution, zone: ZoneInfo) -> int:
    return _mark(period.end, resolution, zone) - _mark(period.start, resolution, zone)


def _mark(instant: datetime, resolution: Resolution, zone: ZoneInfo) -> int:
    """Return where the instant is on the ruler."""
    if resolution is Resolution.SECOND:
        return (instant - _EPOCH) // timedelta(seconds=1)
    day = local_day(instant=instant, zone=zone)
    if resolution is Resolution.DAY:
        return day.toordinal()
    return 360 * day.year + 30 * day.month + min(day.day, 30)
