from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.billing.services.arithmetic import (
    Amount,
    Period,
    Resolution,
    days,
    prorate,
    round_half_up,
    seconds,
    share,
    split,
)
from tests.billing.arithmetic.strategies import (
    exactly,
    fractions_of_a_line,
    minor_units,
    split_periods,
)

SECOND, DAY, THIRTY = Resolution
BERLIN = "Europe/Berlin"


def period(start, end, offset="+00:00"):
    """Return the period between two local times, of the offsets given."""
    first, last = offset.split() if " " in offset else (offset, offset)
    return Period(
        start=datetime.fromisoformat(f"{start}{first}").astimezone(UTC),
        end=datetime.fromisoformat(f"{end}{last}").astimezone(UTC),
    )


def share_of(whole, used, resolution, zone="UTC"):
    return share(period=whole, used=used, resolution=resolution, time_zone=zone)


JUNE = period("2025-06-01T00:00", "2025-07-01T00:00")
MARCH_IN_BERLIN = period("2025-03-01T00:00", "2025-04-01T00:00", "+01:00 +02:00")


def test_seconds_are_those_that_pass_and_days_those_of_the_calendar():
    assert seconds(MARCH_IN_BERLIN) == (31 * 24 - 1) * 3600
    assert days(period=MARCH_IN_BERLIN, time_zone=BERLIN) == 31


def test_the_last_day_of_march_in_berlin_is_a_31st_by_day_and_less_than_that_by_second():
    last = period("2025-03-31T00:00", "2025-04-01T00:00", "+02:00")
    assert share_of(MARCH_IN_BERLIN, last, DAY, BERLIN) == Fraction(1, 31)
    assert share_of(MARCH_IN_BERLIN, last, SECOND, BERLIN) == Fraction(24, 743)


def test_fractions_of_a_second_do_not_count():
    start = JUNE.start + timedelta(milliseconds=900)
    used = Period(start=start, end=start + timedelta(seconds=1))
    assert share_of(JUNE, used, SECOND) == Fraction(1, 30 * 86_400)


def test_the_day_of_a_change_belongs_to_what_comes_after_it():
    before = period("2025-06-01T00:00", "2025-06-16T23:59")
    after = period("2025-06-16T23:59", "2025-07-01T00:00")
    assert share_of(JUNE, before, DAY) == Fraction(15, 30)
    assert share_of(JUNE, after, DAY) == Fraction(15, 30)


def test_the_day_of_a_change_is_that_of_the_customers_zone():
    used = Period(start=JUNE.start, end=datetime(2025, 6, 15, 16, tzinfo=UTC))
    assert share_of(JUNE, used, DAY, "UTC") == Fraction(14, 30)
    assert share_of(JUNE, used, DAY, "Asia/Tokyo") == Fraction(15, 30)


@pytest.mark.parametrize(
    ("whole", "used", "thirtieths"),
    [
        (("2025-05-01", "2025-06-01"), ("2025-05-15", "2025-05-23"), 8),
        (("2025-06-01", "2025-07-01"), ("2025-06-15", "2025-06-23"), 8),
        (("2025-05-15", "2025-06-15"), ("2025-05-23", "2025-06-15"), 22),
        (("2025-02-15", "2025-03-15"), ("2025-02-23", "2025-03-15"), 22),
        (("2024-02-15", "2024-03-15"), ("2024-02-23", "2024-03-15"), 22),
        (("2025-05-01", "2025-06-01"), ("2025-05-01", "2025-06-01"), 30),
        (("2025-05-01", "2025-06-01"), ("2025-05-31", "2025-06-01"), 1),
        (("2025-05-01", "2025-06-01"), ("2025-05-30", "2025-05-31"), 0),
        (("2025-02-01", "2025-03-01"), ("2025-02-28", "2025-03-01"), 3),
        (("2025-02-01", "2025-03-01"), ("2025-02-01", "2025-02-15"), 14),
    ],
)
def test_months_have_thirty_days(whole, used, thirtieths):
    month, part = (period(f"{a}T00:00", f"{b}T00:00") for a, b in (whole, used))
    assert share_of(month, part, THIRTY) == Fraction(thirtieths, 30)


def test_years_of_months_of_thirty_days_have_360():
    year = period("2024-01-01T00:00", "2025-01-01T00:00")
    used = period("2024-01-01T00:00", "2024-03-01T00:00")
    assert share_of(year, used, THIRTY) == Fraction(60, 360)


def test_a_31st_alone_is_measured_by_seconds():
    day = period("2025-05-30T12:00", "2025-05-31T12:00")
    used = period("2025-05-30T12:00", "2025-05-30T18:00")
    assert share_of(day, used, THIRTY) == Fraction(1, 4)


def test_a_resolution_that_is_read_as_text_means_the_same():
    used = period("2025-06-01T00:00", "2025-06-11T12:00")
    assert share_of(JUNE, used, "second") == Fraction(21, 60)
    assert share_of(JUNE, used, "day") == Fraction(10, 30)
    with pytest.raises(ValueError, match="hour"):
        share_of(JUNE, used, "hour")


def test_an_empty_period_has_no_shares():
    empty = Period(start=JUNE.start, end=JUNE.start)
    with pytest.raises(ValueError, match="empty"):
        share_of(empty, empty, SECOND)


@pytest.mark.parametrize(
    "outside",
    [
        period("2025-05-31T00:00", "2025-06-02T00:00"),
        period("2025-06-30T00:00", "2025-07-02T00:00"),
    ],
)
def test_what_is_used_lies_within_the_period(outside):
    with pytest.raises(ValueError, match="within"):
        share_of(JUNE, outside, DAY)


@given(split_periods(), st.sampled_from(Resolution))
def test_the_shares_of_a_split_period_sum_to_the_whole(split_period, resolution):
    whole, parts, zone = split_period
    shares = [share_of(whole, part, resolution, zone) for part in parts]
    assert sum(shares) == 1
    assert all(0 <= part <= 1 for part in shares)


@given(split_periods(), st.sampled_from(Resolution), minor_units)
def test_the_prorations_of_a_split_period_sum_to_the_whole(split_period, resolution, amount):
    whole, parts, zone = split_period
    shares = [share_of(whole, part, resolution, zone) for part in parts]
    prorated = split(amount=amount, shares=shares)
    assert Amount.total(prorated) == Amount.of(amount)
    for part, portion in zip(prorated, shares, strict=True):
        assert abs(part.rounded - amount * portion) < 1


@given(split_periods(), st.sampled_from(Resolution), st.integers(0, 10**9))
def test_more_time_costs_no_less(split_period, resolution, amount):
    whole, parts, zone = split_period
    until = [Period(start=whole.start, end=part.end) for part in parts]
    costs = [
        Amount.of(prorate(amount=amount, share=share_of(whole, used, resolution, zone))).rounded
        for used in until
    ]
    assert costs == sorted(costs)
    assert costs[-1] == amount


@given(exactly, fractions_of_a_line)
def test_a_prorated_amount_rounds_as_its_exact_value_does(amount, portion):
    value = Fraction(amount) * portion
    assert round_half_up(prorate(amount=amount, share=portion)) == round_half_up(value)
    assert prorate(amount=-Fraction(amount), share=portion) == -prorate(
        amount=amount, share=portion
    )


@given(minor_units, fractions_of_a_line)
def test_two_parts_are_each_the_nearest_minor_unit_and_sum_to_the_whole(amount, portion):
    used, rest = split(amount=amount, shares=[portion, 1 - portion])
    assert used.rounded + rest.rounded == amount
    assert used.rounded == round_half_up(amount * portion)


def test_the_first_of_two_halves_is_rounded_up():
    assert [part.rounded for part in split(amount=5, shares=[Fraction(1, 2)] * 2)] == [3, 2]
    assert [part.rounded for part in split(amount=-5, shares=[Fraction(1, 2)] * 2)] == [-3, -2]


def test_thirds_sum_to_the_whole_to_the_last_decimal():
    parts = split(amount=100, shares=[Fraction(1, 3)] * 3)
    assert [part.precise for part in parts] == [
        *(Decimal("33.333333333334"), Decimal("33.333333333333"), Decimal("33.333333333333"))
    ]


def test_shares_that_are_not_the_whole_are_refused():
    with pytest.raises(ValueError, match="one"):
        split(amount=100, shares=[Fraction(1, 3), Fraction(1, 3)])
