from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.billing.services.arithmetic import (
    Amount,
    allocate,
    amounts_of,
    apportion,
    round_half_up,
)
from tests.billing.arithmetic.strategies import exactly, minor_units, numbers

weights = st.lists(numbers, min_size=1, max_size=20)


@pytest.mark.parametrize(
    ("total", "by", "parts"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (-100, [1, 1, 1], [-34, -33, -33]),
        (1000, [10000, 5000, 3000, 2000], [500, 250, 150, 100]),
        (10, [33, 33, 34], [3, 3, 4]),
        (2, [1, 1, 1], [1, 1, 0]),
        (5, [0, 1, 0], [0, 5, 0]),
        (7, [Decimal("0.1"), Decimal("0.6")], [1, 6]),
        (3, [Fraction(1, 3), Fraction(2, 3)], [1, 2]),
        (0, [5, 3], [0, 0]),
        (5, [0, 0], [3, 2]),
        (-5, [0, 0], [-3, -2]),
        (0, [], []),
    ],
)
def test_parts_are_by_largest_remainder(total, by, parts):
    assert allocate(total=total, weights=by) == parts


@given(minor_units, weights)
def test_parts_sum_to_the_whole(total, by):
    parts = allocate(total=total, weights=by)
    assert sum(parts) == total
    assert parts == [-part for part in allocate(total=-total, weights=by)]


@given(minor_units, weights)
def test_no_part_is_a_minor_unit_or_more_off_its_share(total, by):
    whole = sum(by) or len(by)
    shares = by if sum(by) else [1] * len(by)
    for part, share in zip(allocate(total=total, weights=by), shares, strict=True):
        assert abs(part - total * Fraction(share) / Fraction(whole)) < 1


@given(st.integers(0, 10**9), weights)
def test_a_heavier_part_is_not_less(total, by):
    ranked = sorted(zip(by, allocate(total=total, weights=by), strict=True))
    equal = {weight: [part for other, part in ranked if other == weight] for weight, _ in ranked}
    spans = [(min(parts), max(parts)) for _, parts in sorted(equal.items())]
    assert all(most - least <= 1 for least, most in spans)
    assert all(a[0] <= b[1] for a, b in pairwise(spans))


@given(st.lists(st.integers(1, 10**6), min_size=1), st.data())
def test_no_part_is_more_than_its_weight_where_the_total_is_not(by, data):
    total = data.draw(st.integers(0, sum(by)))
    parts = allocate(total=total, weights=by)
    assert all(0 <= part <= weight for part, weight in zip(parts, by, strict=True))


@pytest.mark.parametrize(
    ("total", "by"), [(1, [-1, 2]), (1, []), (1, [Decimal("NaN")]), (1, [Decimal("-0.1")])]
)
def test_impossible_divisions_are_refused(total, by):
    with pytest.raises(ValueError, match=r"negative|about the sum|no amount"):
        allocate(total=total, weights=by)


def test_a_weight_is_no_float():
    with pytest.raises(TypeError):
        allocate(total=1, weights=[0.5, 0.5])


def test_quotas_of_both_signs_are_rounded_up_or_down():
    quotas = [Decimal("-10.5"), Decimal("30.5"), Decimal("0.2")]
    assert apportion(total=20, quotas=quotas) == [-10, 30, 0]


@pytest.mark.parametrize("total", [3, -1])
def test_a_total_far_from_the_quotas_is_refused(total):
    with pytest.raises(ValueError, match="about the sum"):
        apportion(total=total, quotas=[Decimal("0.5"), Decimal("0.5")])


@given(st.lists(exactly, max_size=20))
def test_amounts_sum_to_their_rounded_sum_in_both_values(quotas):
    whole = sum((Fraction(quota) for quota in quotas), Fraction(0))
    amounts = amounts_of(quotas=quotas)
    assert Amount.total(amounts) == Amount.of(whole)
    for amount, quota in zip(amounts, quotas, strict=True):
        assert abs(amount.rounded - Fraction(quota)) < 1
        assert abs(Fraction(amount.precise) - Fraction(quota)) < Fraction(1, 10**12)
    assert sum(amount.rounded for amount in amounts) == round_half_up(whole)
