from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from domains.billing.services.arithmetic import (
    Alignment,
    Cycle,
    Interval,
    IntervalUnit,
    Period,
    TimeZoneUnknown,
)
from domains.billing.services.arithmetic.local_time import local_day, midnight, to_instant
from tests.billing.arithmetic.strategies import SECOND, cycles, sometimes

DAY, WEEK, MONTH, YEAR = IntervalUnit
DAYS_OF_50_YEARS = 18_263


def at(text):
    return datetime.fromisoformat(text).astimezone(UTC)


def cycle(anchor, unit=MONTH, count=1, zone="UTC", alignment="anniversary"):
    return Cycle(
        anchor=at(anchor),
        interval=Interval(unit=unit, count=count),
        time_zone=zone,
        alignment=Alignment(alignment),
    )


def starts(periods, indices):
    """Return the local starts of the periods, as text."""
    zone = ZoneInfo(periods.time_zone)
    return [
        periods.period(index).start.astimezone(zone).strftime("%Y-%m-%d %H:%M") for index in indices
    ]


def dates(periods, indices):
    return [start.removesuffix(" 00:00") for start in starts(periods, indices)]


def around_50_years(periods):
    """Return the numbers of the periods of 50 years; of days and weeks, 40 stretches of them."""
    number = periods.interval.between(date(2000, 1, 1), date(2050, 1, 1))
    if number <= 600:
        return range(number)
    return [i for first in range(0, number, number // 40) for i in range(first, first + 8)]


def cycle_of(periods, alignment):
    return Cycle(
        anchor=periods.anchor,
        interval=periods.interval,
        time_zone=periods.time_zone,
        alignment=alignment,
    )


def test_the_day_is_clamped_from_the_anchor_not_from_the_previous_end():
    assert dates(cycle("2025-01-31T00:00Z"), range(5)) == [
        *("2025-01-31", "2025-02-28", "2025-03-31", "2025-04-30", "2025-05-31")
    ]


def test_a_leap_day_comes_back():
    assert dates(cycle("2024-02-29T00:00Z", YEAR), range(5)) == [
        *("2024-02-29", "2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29")
    ]


def test_quarters_are_three_months_from_the_anchor():
    assert dates(cycle("2024-11-30T00:00Z", count=3), range(4)) == [
        *("2024-11-30", "2025-02-28", "2025-05-30", "2025-08-30")
    ]


def test_periods_before_the_anchor_have_negative_numbers():
    billing_day_31 = cycle("2025-05-31T00:00Z")
    first = billing_day_31.period_at(at("2025-05-02T00:00Z"))
    assert first == billing_day_31.period(-1)
    assert first == Period(start=at("2025-04-30T00:00Z"), end=at("2025-05-31T00:00Z"))


def test_every_other_week_is_counted_from_the_anchor():
    assert dates(cycle("2024-12-25T00:00Z", WEEK, 2), range(-1, 3)) == [
        *("2024-12-11", "2024-12-25", "2025-01-08", "2025-01-22")
    ]


def test_calendar_months_are_those_of_the_customers_zone():
    tokyo = cycle("2025-01-31T15:00Z", zone="Asia/Tokyo", alignment="calendar")
    assert tokyo.period(0) == Period(start=at("2025-01-31T15:00Z"), end=at("2025-02-28T15:00Z"))
    los_angeles = cycle("2025-02-01T07:59:59Z", zone="America/Los_Angeles", alignment="calendar")
    assert dates(los_angeles, [0, 1]) == ["2025-01-01", "2025-02-01"]


@pytest.mark.parametrize(
    ("unit", "count", "expected"),
    [
        (DAY, 1, ["2025-05-14", "2025-05-15"]),
        (WEEK, 1, ["2025-05-12", "2025-05-19"]),
        (MONTH, 1, ["2025-05-01", "2025-06-01"]),
        (MONTH, 3, ["2025-04-01", "2025-07-01"]),
        (MONTH, 6, ["2025-01-01", "2025-07-01"]),
        (YEAR, 1, ["2025-01-01", "2026-01-01"]),
    ],
)
def test_calendar_periods_begin_where_the_calendar_does(unit, count, expected):
    assert dates(cycle("2025-05-14T17:30Z", unit, count, alignment="calendar"), [0, 1]) == expected


def test_a_first_part_of_a_calendar_period_is_followed_by_a_whole_one():
    february = cycle("2023-02-08T00:00Z", alignment="calendar")
    since = Period(start=february.anchor, end=at("2999-01-01T00:00Z"))
    first = february.period(0).overlap(since)
    assert first == Period(start=at("2023-02-08T00:00Z"), end=at("2023-03-01T00:00Z"))
    assert february.period_after(first) == february.period(1)


def test_periods_that_only_touch_do_not_overlap():
    months = cycle("2025-01-01T00:00Z")
    assert months.period(0).overlap(months.period(1)) is None
    assert months.period(0).overlap(months.period(0)) == months.period(0)


def test_a_time_that_summer_time_skips_is_the_first_after_the_gap_and_comes_back():
    berlin = cycle("2025-01-30T02:30+01:00", zone="Europe/Berlin")
    assert starts(berlin, [1, 2, 3]) == ["2025-02-28 02:30", "2025-03-30 03:00", "2025-04-30 02:30"]


def test_a_time_that_comes_twice_is_its_first():
    berlin = cycle("2025-10-25T02:30+02:00", DAY, zone="Europe/Berlin")
    assert berlin.period(1).start == at("2025-10-26T02:30+02:00")


def test_an_anchor_in_the_repeated_hour_begins_its_own_period():
    berlin = cycle("2025-10-26T02:30+01:00", DAY, zone="Europe/Berlin")
    assert berlin.period(0).start == berlin.anchor
    assert berlin.period_at(berlin.anchor - SECOND) == berlin.period(-1)
    assert berlin.period(1).start == at("2025-10-27T02:30+01:00")


def test_a_day_that_a_zone_skipped_is_empty_and_passed_over():
    apia = cycle("2011-12-29T12:00Z", DAY, zone="Pacific/Apia", alignment="calendar")
    before, skipped, after = (apia.period(index) for index in (0, 1, 2))
    assert skipped.start == skipped.end == before.end == after.start
    assert apia.period_after(before) == after


def test_hours_of_a_day_differ_but_not_its_local_times():
    berlin = cycle("2025-03-29T12:00+01:00", DAY, zone="Europe/Berlin")
    lengths = [period.end - period.start for period in map(berlin.period, range(3))]
    assert lengths == [timedelta(hours=23), timedelta(hours=24), timedelta(hours=24)]


@pytest.mark.parametrize("count", [0, -1])
def test_an_interval_is_no_less_than_one_unit(count):
    with pytest.raises(ValueError, match="one unit"):
        Interval(unit=MONTH, count=count)


@pytest.mark.parametrize("anchor", ["2025-01-01T00:00", "2025-01-01T00:00+01:00"])
def test_an_anchor_is_an_instant_of_utc(anchor):
    with pytest.raises(ValueError, match="UTC"):
        Cycle(anchor=datetime.fromisoformat(anchor), interval=Interval(unit=MONTH), time_zone="UTC")


def test_what_is_read_as_text_means_the_same():
    read = Cycle(
        anchor=at("2025-05-14T17:30Z"),
        interval=Interval(unit="month"),
        time_zone="UTC",
        alignment="calendar",
    )
    assert dates(read, [0, 1]) == ["2025-05-01", "2025-06-01"]


@pytest.mark.parametrize("wrong", [{"unit": "fortnight"}, {"alignment": "lunar"}])
def test_unknown_units_and_alignments_are_refused(wrong):
    with pytest.raises(ValueError, match=r"fortnight|lunar"):
        Cycle(
            anchor=at("2025-05-14T17:30Z"),
            interval=Interval(unit=wrong.get("unit", "month")),
            time_zone="UTC",
            alignment=wrong.get("alignment", "calendar"),
        )


def test_a_cycle_has_a_real_time_zone():
    with pytest.raises(TimeZoneUnknown):
        cycle("2025-01-01T00:00Z", zone="Europe/Atlantis")


def test_a_period_does_not_end_before_it_starts():
    start = at("2025-01-01T00:00Z")
    with pytest.raises(ValueError, match="before"):
        Period(start=start, end=start - SECOND)
    with pytest.raises(ValueError, match="UTC"):
        Period(start=start, end=start.replace(tzinfo=None))


@sometimes
@given(cycles())
def test_periods_of_50_years_tile_without_gap_or_overlap(periods):
    zone = ZoneInfo(periods.time_zone)
    for index in around_50_years(periods):
        period = periods.period(index)
        assert period.end == periods.period(index + 1).start
        if period.start == period.end:  # only where the zone skipped the day
            skipped = local_day(instant=period.start, zone=zone) - timedelta(days=1)
            assert midnight(day=skipped, zone=zone) == period.start
            continue
        assert periods.index_at(period.start) == index
        assert periods.index_at(period.end - timedelta(microseconds=1)) == index
        assert period.end in periods.period_after(period)
        assert period.end not in period


@sometimes
@given(cycles(), st.integers(-DAYS_OF_50_YEARS, DAYS_OF_50_YEARS), st.integers(0, 86_399))
def test_every_instant_is_in_the_period_that_is_found_for_it(periods, days, second):
    instant = periods.anchor + timedelta(days=days, seconds=second)
    period = periods.period_at(instant)
    assert instant in period
    assert periods.period_after(period).start == period.end


@given(cycles(), st.integers(-DAYS_OF_50_YEARS, DAYS_OF_50_YEARS))
def test_an_anniversary_is_the_anchors_local_time_so_many_intervals_later(periods, days):
    periods = cycle_of(periods, Alignment.ANNIVERSARY)
    index = periods.index_at(periods.anchor + timedelta(days=days))
    zone = ZoneInfo(periods.time_zone)
    local = periods.anchor.astimezone(zone).replace(tzinfo=None, fold=0)
    step = relativedelta(**{f"{periods.interval.unit}s": index * periods.interval.count})
    expected = to_instant(local=local + step, zone=zone) if index else periods.anchor
    assert periods.period(index).start == expected


@given(cycles(), st.integers(-DAYS_OF_50_YEARS, DAYS_OF_50_YEARS))
def test_a_calendar_period_starts_at_the_calendars_own_bounds(periods, days):
    periods = cycle_of(periods, Alignment.CALENDAR)
    zone = ZoneInfo(periods.time_zone)
    start = periods.period_at(periods.anchor + timedelta(days=days)).start
    day = local_day(instant=start, zone=zone)
    if midnight(day=day - timedelta(days=1), zone=zone) == start:
        return  # the day before was skipped, and both begin here
    assert midnight(day=day, zone=zone) == start
    unit = periods.interval.unit
    assert unit is not WEEK or day.weekday() == 0
    assert unit not in (MONTH, YEAR) or day.day == 1
    assert unit is not YEAR or day.month == 1
    assert periods.anchor in periods.period(0)


@pytest.mark.parametrize("alignment", Alignment)
@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/St_Johns", "Pacific/Apia"])
def test_each_day_of_50_years_follows_the_one_before(zone, alignment):
    days = cycle("1985-02-28T22:30Z", DAY, zone=zone, alignment=alignment)
    bounds = [days.period(index).start for index in range(DAYS_OF_50_YEARS)]
    lengths = {(later - earlier) // SECOND for earlier, later in pairwise(bounds)}
    assert all(0 <= length <= 49 * 3600 for length in lengths)
    assert bounds == sorted(bounds)
