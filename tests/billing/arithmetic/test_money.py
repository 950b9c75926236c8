from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.billing.services.arithmetic import (
    PLACES,
    Amount,
    CurrencyMismatch,
    CurrencyUnknown,
    Money,
    minor_unit,
    precise,
    round_half_up,
)
from tests.billing.arithmetic.strategies import exactly, minor_units


def euros(amount):
    return Money(amount=amount, currency="EUR")


@pytest.mark.parametrize(
    ("currency", "digits"),
    [("JPY", 0), ("KRW", 0), ("EUR", 2), ("USD", 2), ("KWD", 3), ("TND", 3), ("CLF", 4)],
)
def test_the_minor_unit_is_that_of_iso_4217(currency, digits):
    assert minor_unit(currency) == digits


@pytest.mark.parametrize("code", ["EURO", "eur", "", "XYZ", "XAU", "XXX", "DEM"])
def test_what_has_no_minor_unit_is_no_currency(code):
    with pytest.raises(CurrencyUnknown):
        minor_unit(code)
    with pytest.raises(CurrencyUnknown):
        Money(amount=1, currency=code)


@pytest.mark.parametrize(
    ("currency", "major"), [("JPY", "1999"), ("EUR", "19.99"), ("KWD", "1.999")]
)
def test_minor_units_are_so_many_of_the_main_one(currency, major):
    assert Money(amount=1999, currency=currency).major == Decimal(major)


@pytest.mark.parametrize("amount", [1.0, Decimal(1), "1", True])
def test_money_is_a_whole_number(amount):
    with pytest.raises(TypeError):
        Money(amount=amount, currency="EUR")


def test_money_of_one_currency_adds_up_and_compares():
    assert sum([euros(150), euros(-50)], Money.zero("EUR")) == euros(100)
    assert euros(3) - euros(5) == -euros(2)
    assert euros(-1) < euros(0) <= euros(0) < euros(1)
    assert max(euros(1), euros(3), euros(2)) == euros(3)


@pytest.mark.parametrize(
    "mix",
    [
        lambda a, b: a + b,
        lambda a, b: a - b,
        lambda a, b: a < b,
        lambda a, b: a >= b,
        lambda a, b: sum([a, b], Money.zero("EUR")),
    ],
)
def test_two_currencies_do_not_mix(mix):
    with pytest.raises(CurrencyMismatch):
        mix(euros(1), Money(amount=1, currency="USD"))


def test_money_of_two_currencies_is_not_the_same():
    assert euros(0) != Money.zero("USD")


@pytest.mark.parametrize(
    ("value", "rounded"),
    [
        ("0", 0),
        ("0.4", 0),
        ("0.499999999999", 0),
        ("0.5", 1),
        ("1.5", 2),
        ("2.5", 3),
        ("-0.4", 0),
        ("-0.5", -1),
        ("-2.5", -3),
        ("-2.499999999999", -2),
        ("12345678901234567890.5", 12345678901234567891),
    ],
)
def test_a_half_is_rounded_away_from_zero(value, rounded):
    assert round_half_up(Decimal(value)) == rounded


@given(exactly)
def test_rounding_is_that_of_decimal(value):
    with localcontext(prec=60):
        number = Decimal(Fraction(value).numerator) / Fraction(value).denominator
        expected = int(number.quantize(Decimal(1), rounding=ROUND_HALF_UP))
    assert round_half_up(value) == expected
    assert round_half_up(-Fraction(value)) == -expected


@given(exactly)
def test_what_is_cut_to_a_precise_value_rounds_as_before(value):
    kept = precise(value)
    assert kept.as_tuple().exponent == -PLACES
    assert 0 <= abs(Fraction(value)) - abs(Fraction(kept)) < Fraction(1, 10**PLACES)
    assert round_half_up(kept) == round_half_up(value)


def test_a_value_just_below_the_half_is_not_rounded_twice():
    value = Fraction(1, 2) - Fraction(1, 10**20)
    assert (precise(value), round_half_up(value)) == (Decimal("0.499999999999"), 0)


@pytest.mark.parametrize("function", [round_half_up, precise, Amount.of])
def test_nothing_takes_a_float(function):
    with pytest.raises(TypeError):
        function(0.5)


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity"), Decimal("-Infinity")])
def test_what_is_no_number_is_no_amount(value):
    with pytest.raises(ValueError, match="no amount"):
        round_half_up(value)


@given(st.lists(exactly))
def test_amounts_add_up_beside_one_another(values):
    amounts = [Amount.of(value) for value in values]
    total = Amount.total(amounts)
    assert Fraction(total.precise) == sum(Fraction(amount.precise) for amount in amounts)
    assert total.rounded == sum(amount.rounded for amount in amounts)
    assert total - total == Amount.of(0)


@given(minor_units)
def test_a_whole_amount_is_precise(value):
    assert Amount.of(value) == Amount(precise=Decimal(value), rounded=value)
    assert -Amount.of(value) == Amount.of(-value)
