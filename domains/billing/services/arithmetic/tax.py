"""Taxes of an invoice or a credit note.

For each rate the tax is computed on the precise total of its lines and rounded once; the lines get
their parts of it by largest remainder, so that they sum to it. Lines may be negative. Two taxes on
one line, each on its net value, are two calls of `add_tax`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from domains.billing.services.arithmetic.allocation import amounts_of
from domains.billing.services.arithmetic.decimals import is_rate
from domains.billing.services.arithmetic.money import Amount


@dataclass(frozen=True, kw_only=True)
class TaxRate:
    """A rate (0.20 is 20 %), or why there is none: such as `reverse_charge` or `exempt`.

    Lines of one rate and one reason are one total. Raises `ValueError` for what is below 0 or above
    1, and for a reason beside a rate.
    """

    rate: Decimal = Decimal(0)
    reason: str = ""

    def __post_init__(self) -> None:
        if not is_rate(self.rate):
            raise ValueError("A tax rate is a Decimal from 0 to 1: 0.20 is 20 %.")
        if self.rate and self.reason:
            raise ValueError("A tax that is due has no reason why it isn't.")


@dataclass(frozen=True, kw_only=True)
class TaxableLine:
    """A line's amount and its rate. The amount is net, or gross if the tax is in it."""

    amount: Amount
    rate: TaxRate
    inclusive: bool = False


@dataclass(frozen=True, kw_only=True)
class Taxed:
    """A net amount and the tax on it."""

    rate: TaxRate
    net: Amount
    tax: Amount

    @property
    def gross(self) -> Amount:
        """Both together."""
        return self.net + self.tax


@dataclass(frozen=True, kw_only=True)
class Taxation:
    """The lines of a document with their taxes, in the order in which they came."""

    lines: tuple[Taxed, ...]

    @property
    def totals(self) -> tuple[Taxed, ...]:
        """The sum of the lines of each rate, in the order of their first lines."""
        groups = by_rate([line.rate for line in self.lines])
        return tuple(
            Taxed(
                rate=rate,
                net=Amount.total(self.lines[i].net for i in group),
                tax=Amount.total(self.lines[i].tax for i in group),
            )
            for rate, group in groups.items()
        )

    @property
    def net(self) -> Amount:
        """The sum of all lines without tax."""
        return Amount.total(line.net for line in self.lines)

    @property
    def tax(self) -> Amount:
        """The sum of all taxes."""
        return Amount.total(line.tax for line in self.lines)

    @property
    def gross(self) -> Amount:
        """What is to pay."""
        return self.net + self.tax


def compute_tax(*, lines: Sequence[TaxableLine]) -> Taxation:
    """Return the taxes of net and gross lines; gross ones keep their amount.

    Of a net amount the tax is net · rate, of a gross one gross · rate / (1 + rate).
    """
    taxes = _taxes(lines)
    return Taxation(
        lines=tuple(
            Taxed(rate=line.rate, net=line.amount - tax if line.inclusive else line.amount, tax=tax)
            for line, tax in zip(lines, taxes, strict=True)
        )
    )


def add_tax(*, lines: Sequence[TaxableLine]) -> Taxation:
    """Return the tax that comes on top of the lines, which are all net."""
    return compute_tax(lines=[replace(line, inclusive=False) for line in lines])


def extract_tax(*, lines: Sequence[TaxableLine]) -> Taxation:
    """Return the tax within the lines, which are all gross."""
    return compute_tax(lines=[replace(line, inclusive=True) for line in lines])


def by_rate(rates: Iterable[TaxRate]) -> dict[TaxRate, list[int]]:
    """Return at which places each rate stands, by the first of them."""
    groups: dict[TaxRate, list[int]] = {}
    for index, rate in enumerate(rates):
        groups.setdefault(rate, []).append(index)
    return groups


def _taxes(lines: Sequence[TaxableLine]) -> list[Amount]:
    """Return each line's tax, rounded once for all lines of a rate."""
    taxes = [Amount.of(0)] * len(lines)
    for group in by_rate([line.rate for line in lines]).values():
        for i, part in zip(group, amounts_of(quotas=[_tax(lines[i]) for i in group]), strict=True):
            taxes[i] = part
    return taxes


def _tax(line: TaxableLine) -> Fraction:
    rate = Fraction(line.rate.rate)
    share = rate / (1 + rate) if line.inclusive else rate
    return Fraction(line.amount.precise) * share
