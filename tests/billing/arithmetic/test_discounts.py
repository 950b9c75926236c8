from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.billing.services.arithmetic import (
    Amount,
    AmountOff,
    PercentOff,
    discount,
    discount_all,
)
from tests.billing.arithmetic.strategies import amounts

coupons = st.one_of(
    st.builds(PercentOff, rate=st.decimals("0.0001", 1, places=4)),
    st.builds(AmountOff, amount=st.integers(1, 10**8)),
)
lines = st.lists(amounts(least=-(10**6)), max_size=8)


def off(rate):
    return PercentOff(rate=Decimal(rate))


def of(*values):
    return [Amount.of(Decimal(value)) for value in values]


def rounded(amounts):
    return [amount.rounded for amount in amounts]


@pytest.mark.parametrize(
    ("values", "coupon", "shares"),
    [
        ((1000, 2000), off("0.10"), [100, 200]),
        ((5, 5, 5), off("0.10"), [1, 1, 0]),  # 1.5, not three halves
        ((1, 1), off("0.10"), [0, 0]),
        ((999, 1), off("1"), [999, 1]),
        ((1000, 1000, 1000), AmountOff(amount=100), [34, 33, 33]),
        ((300, 700), AmountOff(amount=5000), [300, 700]),
        ((0, 0), AmountOff(amount=5), [0, 0]),
        ((0, 0), off("0.5"), [0, 0]),
        ((1000, -400), AmountOff(amount=1000), [1000, 0]),
        ((1000, -400), off("0.10"), [100, 0]),
        ((), AmountOff(amount=5), []),
    ],
)
def test_a_coupon_is_divided_over_the_lines(values, coupon, shares):
    assert rounded(discount(lines=of(*values), coupon=coupon).shares) == shares


def test_coupons_are_applied_in_the_order_given_to_what_is_left():
    first, second = discount_all(lines=of(10000), coupons=[off("0.10"), AmountOff(amount=1000)])
    assert (first.amount.rounded, second.amount.rounded) == (1000, 1000)
    first, second = discount_all(lines=of(10000), coupons=[AmountOff(amount=1000), off("0.10")])
    assert (first.amount.rounded, second.amount.rounded) == (1000, 900)


def test_a_coupon_for_some_lines_is_given_zeros_for_the_others():
    fees = of(1000, 2000, 3000, 4000)
    some = discount(lines=[*fees[:2], *of(0, 0)], coupon=AmountOff(amount=2000))
    assert rounded(some.shares) == [667, 1333, 0, 0]
    rest = discount(lines=some.off(fees), coupon=AmountOff(amount=800))
    assert rounded(rest.shares) == [33, 67, 300, 400]
    assert rounded(rest.off(some.off(fees))) == [300, 600, 2700, 3600]


@pytest.mark.parametrize(
    ("values", "amount"), [(("0.6", "0.6", "10.4"), 12), (("1.4", "1.4"), 2), (("1.4", "1.4"), 9)]
)
def test_fractions_of_the_lines_are_given_with_them(values, amount):
    everything = discount(lines=of(*values), coupon=AmountOff(amount=amount))
    assert everything.off(of(*values)) == of(*([0] * len(values)))


def test_no_more_than_the_fractions_is_given():
    halves = of("0.5", "0.5", "0.5", "0.5")
    most = discount(lines=halves, coupon=AmountOff(amount=3))
    assert rounded(most.shares) == [1, 1, 1, 0]
    assert [share.precise for share in most.shares] == [Decimal("0.5")] * 4


def test_a_share_is_precise_beside_what_is_rounded():
    (share, *_) = discount(lines=of(1000, 1000, 1000), coupon=AmountOff(amount=100)).shares
    assert share == Amount(precise=Decimal("33.333333333334"), rounded=34)


@given(lines, coupons)
def test_no_line_is_discounted_below_zero(charged, coupon):
    taken = discount(lines=charged, coupon=coupon)
    for line, share in zip(charged, taken.shares, strict=True):
        assert 0 <= share.rounded <= max(line.rounded, 0)
        assert 0 <= share.precise <= max(line.precise, 0)


@given(lines, coupons)
def test_a_coupon_takes_no_more_than_it_is_worth(charged, coupon):
    subtotal = sum(max(line.rounded, 0) for line in charged)
    taken = discount(lines=charged, coupon=coupon).amount.rounded
    if isinstance(coupon, AmountOff):
        assert taken == min(coupon.amount, subtotal)
    else:
        assert abs(taken - subtotal * coupon.rate) <= Decimal("0.5")


@given(lines, st.lists(coupons, max_size=4))
def test_coupons_one_after_the_other_leave_what_they_did_not_take(charged, several):
    left = charged
    for taken in discount_all(lines=charged, coupons=several):
        assert taken == discount(lines=left, coupon=taken.coupon)
        left = taken.off(left)
    taken = [taken.amount for taken in discount_all(lines=charged, coupons=several)]
    assert Amount.total(left) == Amount.total(charged) - Amount.total(taken)


@pytest.mark.parametrize("rate", ["0", "-0.1", "1.01", "10", "NaN"])
def test_a_percentage_off_is_above_zero_and_up_to_one(rate):
    with pytest.raises(ValueError, match="rate"):
        off(rate)


@pytest.mark.parametrize("amount", [0, -1, Decimal(5), 1.5, True])
def test_an_amount_off_is_a_whole_number_above_zero(amount):
    with pytest.raises(ValueError, match="whole number"):
        AmountOff(amount=amount)
