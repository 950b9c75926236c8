"""Amounts, times and cycles as hypothesis draws them: the awkward ones often."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

from hypothesis import settings
from hypothesis import strategies as st

from domains.billing.services.arithmetic import (
    Alignment,
    Amount,
    Cycle,
    Interval,
    IntervalUnit,
    Period,
)

sometimes = settings(max_examples=30)

# Whole days skipped, clocks put back over midnight, gaps at midnight, of half an hour, of two
# hours, summer time that is the standard one, and no change at all.
AWKWARD = [
    *("Pacific/Apia", "Pacific/Kwajalein", "America/St_Johns", "America/Sao_Paulo"),
    *("Australia/Lord_Howe", "Antarctica/Troll", "Europe/Dublin", "Africa/Casablanca"),
    *("Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Africa/Cairo", "Asia/Tokyo", "UTC"),
]
zones = st.sampled_from(AWKWARD) | st.sampled_from(sorted(available_timezones()))

minor_units = st.integers(-(10**9), 10**9)
charged = st.integers(0, 10**9)
exactly = st.decimals(-(10**9), 10**9, places=12) | st.fractions(-(10**6), 10**6)
rates = st.decimals(0, 1, places=4)
fractions_of_a_line = st.fractions(0, 1, max_denominator=31_622_400)  # seconds of a leap year
numbers = st.decimals(0, 10**6, places=4) | st.integers(0, 10**6).map(Decimal)

seconds = st.integers(0, 2**32 - 1).map(lambda n: datetime(1970, 1, 1, tzinfo=UTC) + n * SECOND)
SECOND = timedelta(seconds=1)


@st.composite
def amounts(draw, least=0):
    """Lines with fractions of a minor unit."""
    precise = draw(st.decimals(least, 10**7, places=12))
    return Amount.of(precise)


@st.composite
def local_times(draw):
    """Local times when clocks change, on days that months lack."""
    year, month = draw(st.integers(1975, 2060)), draw(st.integers(1, 12))
    start = datetime(year, month, 1)  # noqa: DTZ001  local
    day = draw(st.integers(0, 30) | st.sampled_from([27, 28, 29, 30]))
    hour = draw(st.sampled_from([0, 0, 1, 2, 2, 3, 12, 23]))
    return start + timedelta(days=day, hours=hour, minutes=draw(st.sampled_from([0, 1, 15, 30])))


@st.composite
def cycles(draw, units=tuple(IntervalUnit)):
    """Any cycle."""
    zone = draw(zones)
    local = draw(local_times()).replace(tzinfo=ZoneInfo(zone), fold=draw(st.integers(0, 1)))
    return Cycle(
        anchor=local.astimezone(UTC),
        interval=Interval(unit=draw(st.sampled_from(units)), count=draw(st.integers(1, 13))),
        time_zone=zone,
        alignment=draw(st.sampled_from(Alignment)),
    )


@st.composite
def split_periods(draw):
    """A period of a cycle, its parts in their order, and its time zone."""
    cycle = draw(cycles())
    whole = cycle.period_at(cycle.anchor + draw(st.integers(-(10**8), 10**9)) * SECOND)
    length = (whole.end - whole.start) // SECOND
    cuts = sorted(draw(st.lists(st.integers(0, length), max_size=5)))
    bounds = [whole.start, *(whole.start + cut * SECOND for cut in cuts), whole.end]
    parts = [Period(start=a, end=b) for a, b in pairwise(bounds)]
    return whole, parts, cycle.time_zone
