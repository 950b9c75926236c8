"""Coupons over the lines of an invoice, before tax.

Several are applied in the order given, each to what those before it left. A discount is rounded
once and divided over the lines by their amounts (largest remainder), never more than its line to
any. Negative lines, which are credits, are left alone: what they give back was discounted when it
was charged. A coupon for some lines alone is given zeros in the place of the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from domains.billing.services.arithmetic.allocation import allocate
from domains.billing.services.arithmetic.decimals import is_rate
from domains.billing.services.arithmetic.money import (
    Amount,
    exact,
    from_units,
    round_half_up,
    to_units,
)


@dataclass(frozen=True, kw_only=True)
class PercentOff:
    """A rate of every line: 0.15 is 15 %. Raises `ValueError` unless above 0 and up to 1."""

    rate: Decimal

    def __post_init__(self) -> None:
        if not is_rate(self.rate) or not self.rate:
            raise ValueError("A discount's rate is a Decimal above 0 and up to 1: 0.15 is 15 %.")


@dataclass(frozen=True, kw_only=True)
class AmountOff:
    """Minor units of the invoice's currency off all lines together. Raises `ValueError` below 1."""

    amount: int

    def __post_init__(self) -> None:
        if type(self.amount) is not int or self.amount < 1:
            raise ValueError("A discount's amount is a whole number of minor units above 0.")


Coupon: TypeAlias = PercentOff | AmountOff


@dataclass(frozen=True, kw_only=True)
class Discount:
    """What a coupon takes off each line, not negative, in the order of the lines."""

    coupon: Coupon
    shares: tuple[Amount, ...]

    @property
    def amount(self) -> Amount:
        """What it takes off all of them; less than the coupon where the lines are."""
        return Amount.total(self.shares)

    def off(self, lines: Sequence[Amount]) -> list[Amount]:
        """Return what is left of the lines."""
        return [line - share for line, share in zip(lines, self.shares, strict=True)]


def discount(*, lines: Sequence[Amount], coupon: Coupon) -> Discount:
    """Return what the coupon takes off the lines."""
    fine = [max(to_units(line.precise), 0) for line in lines]
    coarse = [max(line.rounded, 0) for line in lines]
    precise, rounded = _totals(coupon, fine=sum(fine), coarse=sum(coarse))
    shares = zip(
        allocate(total=precise, weights=fine), allocate(total=rounded, weights=coarse), strict=True
    )
    return Discount(
        coupon=coupon,
        shares=tuple(Amount(precise=from_units(units), rounded=share) for units, share in shares),
    )


def discount_all(*, lines: Sequence[Amount], coupons: Sequence[Coupon]) -> list[Discount]:
    """Return what each coupon takes off the lines, one after the other in the order given."""
    discounts, left = [], list(lines)
    for coupon in coupons:
        discounts.append(discount(lines=left, coupon=coupon))
        left = discounts[-1].off(left)
    return discounts


def _totals(coupon: Coupon, *, fine: int, coarse: int) -> tuple[int, int]:
    """Return the discount on all lines, in 10^-12 of a minor unit and rounded."""
    if isinstance(coupon, PercentOff):
        rate = exact(coupon.rate)
        return int(rate * fine), round_half_up(rate * coarse)
    if coupon.amount < coarse:
        return min(to_units(coupon.amount), fine), coupon.amount
    return fine, coarse  # all that is charged, whichever side of it the precise value lies
