"""Money, and the one rule by which it is rounded.

An amount is a whole number of the currency's minor unit (ISO 4217: JPY has 0 digits, EUR 2, KWD 3).
A precise value is a `Decimal` of minor units, too: 19333.333333333333 is 193.33… EUR. It has
`PLACES` decimals, cut and not rounded: rounding a value once it was cut gives what rounding the
exact value would, so an amount is rounded once. Nothing here takes a float.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import (
    Context,
    Decimal,
    DivisionByZero,
    FloatOperation,
    Inexact,
    InvalidOperation,
    localcontext,
)
from fractions import Fraction
from functools import total_ordering
from typing import TypeAlias

from iso4217 import Currency

Exact: TypeAlias = int | Decimal | Fraction

PLACES = 12  # decimals of a minor unit that a precise value keeps
_UNITS = 10**PLACES

# More digits than any product of prices, quantities and rates has. What is inexact nonetheless
# is an error, never a silent rounding.
EXACT = Context(prec=200, traps=[DivisionByZero, FloatOperation, Inexact, InvalidOperation])


class CurrencyUnknown(ValueError):
    """No currency of ISO 4217 that has a minor unit."""


class CurrencyMismatch(ValueError):
    """Amounts of two currencies can't be added or compared."""


def minor_unit(currency: str) -> int:
    """Return how many digits the currency's minor unit has (ISO 4217): EUR 2, JPY 0, KWD 3.

    Raises `CurrencyUnknown`, also for codes without a minor unit, such as XAU.
    """
    try:
        digits = Currency(currency).exponent
    except ValueError:
        digits = None
    if digits is None:
        raise CurrencyUnknown(f"{currency!r} is no currency of ISO 4217.")
    return digits


def exact(value: Exact) -> Fraction:
    """Return the value as a fraction; raise `TypeError` for a float, `ValueError` for no number."""
    if isinstance(value, float):
        raise TypeError(f"{value!r} is a float: amounts are int, Decimal or Fraction.")
    if isinstance(value, Decimal) and not value.is_finite():
        raise ValueError(f"{value!r} is no amount.")
    return Fraction(value)


def round_half_up(value: Exact) -> int:
    """Return the nearest whole minor unit; a half goes away from zero (2.5 → 3, -2.5 → -3)."""
    number = exact(value)
    size = (2 * abs(number.numerator) + number.denominator) // (2 * number.denominator)
    return size if number >= 0 else -size


def to_units(value: Exact) -> int:
    """Return the value in the smallest part that is kept, 10^-12; what is below is cut off."""
    return int(exact(value) * _UNITS)


def from_units(units: int) -> Decimal:
    """Return the precise value of so many 10^-12."""
    return Decimal(units).scaleb(-PLACES, context=EXACT)


def precise(value: Exact) -> Decimal:
    """Return the value with 12 decimals, cut towards zero."""
    return from_units(to_units(value))


@dataclass(frozen=True, kw_only=True)
class Amount:
    """A line's value in minor units: what it is precisely, and what is charged for it."""

    precise: Decimal
    rounded: int

    @classmethod
    def of(cls, value: Exact) -> Amount:
        """Return the value, rounded once."""
        return cls(precise=precise(value), rounded=round_half_up(value))

    @classmethod
    def total(cls, amounts: Iterable[Amount]) -> Amount:
        """Return the sum: of the precise values, and of the rounded ones."""
        return sum(amounts, Amount.of(0))

    def __add__(self, other: Amount) -> Amount:
        with localcontext(EXACT):
            return Amount(
                precise=self.precise + other.precise, rounded=self.rounded + other.rounded
            )

    def __sub__(self, other: Amount) -> Amount:
        return self + -other

    def __neg__(self) -> Amount:
        with localcontext(EXACT):
            return Amount(precise=-self.precise, rounded=-self.rounded)


@total_ordering
@dataclass(frozen=True, kw_only=True)
class Money:
    """Minor units of a currency. Adding or ordering two currencies is a `CurrencyMismatch`."""

    amount: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.amount) is not int:
            raise TypeError(f"{self.amount!r} is no whole number of minor units.")
        minor_unit(self.currency)

    @classmethod
    def zero(cls, currency: str) -> Money:
        """Return nothing, in the currency."""
        return cls(amount=0, currency=currency)

    @property
    def major(self) -> Decimal:
        """The amount in the currency's main unit: 1999 EUR cents are 19.99."""
        return Decimal(self.amount).scaleb(-minor_unit(self.currency), context=EXACT)

    def __add__(self, other: Money) -> Money:
        return Money(amount=self.amount + self._same(other), currency=self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(amount=self.amount - self._same(other), currency=self.currency)

    def __neg__(self) -> Money:
        return Money(amount=-self.amount, currency=self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.amount < self._same(other)

    def _same(self, other: Money) -> int:
        if self.currency != other.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency} don't mix.")
        return other.amount
