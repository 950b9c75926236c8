"""Taxes of an invoice or a credit note.

For each rate the tax is computed on the precise total of its lines and rounded once; the lines get
their parts of it by largest remainder, so that they sum to it. Lines may be negative. Two taxes on
one line, each on its net value, are two calls of `add_tax`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from domains.billing.services.arithmetic.allocation import amounts_of
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
        if not isinstance(self.rate, Decimal) or not 0 <= self.rate <= 1:
            raise ValueError("A tax rate is a Decimal from 0 to 1: 0.20 is 20 %.")
        if self.rate and self.reason:
            raise ValueError("A tax that is due has no reason why it isn't.")


@dataclass(frozen=True, kw_only=True)
class TaxableLine:
    """A line's amount and its rate. The amount is net for `add_tax`, gross for `extract_tax`."""

    amount: Amount
    rate: TaxRate


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
    """The lines in the order in which they came, and a total for each rate in that of the first."""

    lines: tuple[Taxed, ...]
    totals: tuple[Taxed, ...]

    @property
    def net(self) -> Amount:
        """The sum of all lines without tax."""
        return Amount.total(line.net for line in self.lines)

    @property
    def tax(self) -> Amount:
        """The sum of all taxes."""
        return Amount.total(total.tax for total in self.totals)

    @property
    def gross(self) -> Amount:
        """What is to pay."""
        return self.net + self.tax


def add_tax(*, lines: Sequence[TaxableLine]) -> Taxation:
    """Return the tax that comes on top of net lines."""
    return _taxation(lines, Fraction, lambda amount, _: amount)


def extract_tax(*, lines: Sequence[TaxableLine]) -> Taxation:
    """Return the tax within gross lines, which keep their amount: net = gross / (1 + rate)."""
    return _taxation(
        lines, lambda rate: Fraction(rate) / (1 + Fraction(rate)), lambda amount, tax: amount - tax
    )


def _taxation(
    lines: Sequence[TaxableLine],
    factor: Callable[[Decimal], Fraction],
    net_of: Callable[[Amount, Amount], Amount],
) -> Taxation:
    taxes: dict[int, Amount] = {}
    groups = _by_rate(lines)
    for rate, group in groups.items():
        quotas = [Fraction(lines[i].amount.precise) * factor(rate.rate) for i in group]
        taxes |= zip(group, amounts_of(quotas=quotas), strict=True)
    taxed = [
        Taxed(rate=line.rate, net=net_of(line.amount, taxes[i]), tax=taxes[i])
        for i, line in enumerate(lines)
    ]
    totals = [_total(rate, [taxed[i] for i in group]) for rate, group in groups.items()]
    return Taxation(lines=tuple(taxed), totals=tuple(totals))


def _by_rate(lines: Sequence[TaxableLine]) -> dict[TaxRate, list[int]]:
    groups: dict[TaxRate, list[int]] = {}
    for index, line in enumerate(lines):
        groups.setdefault(line.rate, []).append(index)
    return groups


def _total(rate: TaxRate, lines: Sequence[Taxed]) -> Taxed:
    net, tax = (line.net for line in lines), (line.tax for line in lines)
    return Taxed(rate=rate, net=Amount.total(net), tax=Amount.total(tax))
