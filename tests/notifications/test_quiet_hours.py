"""Quiet hours and digests by the clock on people's walls, wherever and whenever it leaps."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domains.notifications.models import Frequency
from domains.notifications.services.deciding.quiet import (
    Beat,
    Quiet,
    is_quiet,
    next_digest,
    quiet_until,
    zone_of,
)

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = st.sampled_from(
    [
        "UTC",
        "Europe/Berlin",
        "America/New_York",
        "America/St_Johns",
        "Australia/Lord_Howe",
        "Asia/Kathmandu",
        "Pacific/Chatham",
        "America/Sao_Paulo",
        "Africa/Casablanca",
    ]
).map(ZoneInfo)
INSTANTS = st.datetimes(
    min_value=datetime(2015, 1, 1),  # noqa: DTZ001  the zone is given beside it
    max_value=datetime(2035, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
TIMES = st.builds(time, st.integers(0, 23), st.integers(0, 59))
DAYS = st.sets(st.integers(0, 6), min_size=1).map(lambda days: tuple(sorted(days)))
LEAP = timedelta(hours=1)


def minutes(at: time) -> int:
    return at.hour * 60 + at.minute


def wakes_for_a_while(quiet: Quiet) -> bool:
    """Return whether the quiet leaves more of a day than any clock leaps over."""
    return (minutes(quiet.begins) - minutes(quiet.until)) % (24 * 60) > 120


@st.composite
def quiets(draw) -> Quiet:
    quiet = Quiet(begins=draw(TIMES), until=draw(TIMES), days=draw(DAYS))
    assume(quiet.begins != quiet.until and wakes_for_a_while(quiet))
    return quiet


@given(quiets(), ZONES, INSTANTS)
def test_quiet_ends_later_and_outside_of_it(quiet, zone, at):
    end = quiet_until(quiet=quiet, zone=zone, at=at)
    assert (end is not None) == is_quiet(quiet=quiet, zone=zone, at=at)
    if end is not None:
        assert at < end <= at + timedelta(days=1) + LEAP
        assert not is_quiet(quiet=quiet, zone=zone, at=end)


@given(quiets(), ZONES, INSTANTS, st.floats(0, 1, exclude_max=True))
def test_until_it_ends_it_is_quiet_unless_the_clock_leapt_over_the_end(quiet, zone, at, part):
    end = quiet_until(quiet=quiet, zone=zone, at=at)
    if end is not None:
        between = at + (end - at) * part
        leapt = end.astimezone(zone).time() != quiet.until
        assert is_quiet(quiet=quiet, zone=zone, at=between) or (leapt and end - between <= LEAP)


@given(quiets(), ZONES, INSTANTS)
def test_it_ends_when_the_wall_clock_says_so_or_as_long_after_a_leap(quiet, zone, at):
    end = quiet_until(quiet=quiet, zone=zone, at=at)
    if end is not None:
        shown = end.astimezone(zone)
        leapt = shown.utcoffset() != (end - LEAP).astimezone(zone).utcoffset()
        assert shown.time() == quiet.until or leapt


@given(ZONES, INSTANTS, st.integers(0, 23), st.integers(0, 6))
def test_a_daily_digest_is_the_next_at_its_hour(zone, at, hour, day):
    due = next_digest(frequency=Frequency.DAILY, beat=Beat(hour=hour, day=day), zone=zone, at=at)
    assert at < due <= at + timedelta(days=1) + 2 * LEAP
    shown = due.astimezone(zone)
    leapt = shown.utcoffset() != (due - LEAP).astimezone(zone).utcoffset()
    assert (shown.hour, shown.minute) == (hour, 0) or leapt


@given(ZONES, INSTANTS, st.integers(0, 23), st.integers(0, 6))
def test_a_weekly_digest_is_on_its_day_within_a_week(zone, at, hour, day):
    due = next_digest(frequency=Frequency.WEEKLY, beat=Beat(hour=hour, day=day), zone=zone, at=at)
    assert at < due <= at + timedelta(days=7) + 2 * LEAP
    assert due.astimezone(zone).weekday() == day


@given(ZONES, INSTANTS)
def test_an_hourly_digest_is_at_the_next_full_hour(zone, at):
    due = next_digest(frequency=Frequency.HOURLY, beat=Beat(), zone=zone, at=at)
    assert at < due <= at + LEAP
    assert (due.minute, due.second, due.microsecond) == (0, 0, 0)


NIGHT = Quiet(begins=time(22), until=time(2, 30))


@pytest.mark.parametrize(
    ("at", "end"),
    [
        # On 29 March 2026 the clock leaps from 2:00 to 3:00: there is no 2:30.
        (datetime(2026, 3, 29, 0, 30, tzinfo=UTC), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
        # On 25 October 2026 it goes back from 3:00 to 2:00: 2:30 is shown twice.
        (datetime(2026, 10, 25, 0, 15, tzinfo=UTC), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        (datetime(2026, 10, 25, 1, 15, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
        # Between the two it is awake for half an hour.
        (datetime(2026, 10, 25, 0, 45, tzinfo=UTC), None),
    ],
)
def test_the_nights_when_the_clock_changes_in_berlin(at, end):
    assert quiet_until(quiet=NIGHT, zone=BERLIN, at=at) == end


def test_quiet_belongs_to_the_day_on_which_it_begins():
    friday = Quiet(begins=time(22), until=time(6), days=(4,))
    saturday_morning = datetime(2026, 11, 28, 3, tzinfo=UTC)
    assert is_quiet(quiet=friday, zone=BERLIN, at=saturday_morning)
    assert not is_quiet(quiet=friday, zone=BERLIN, at=saturday_morning + timedelta(days=1))


def test_a_zone_that_is_not_known_is_utc():
    assert zone_of("Mars/Olympus").key == "UTC"
