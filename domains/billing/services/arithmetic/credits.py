"""Giving back what was charged, without and with tax: a credit is never more than its charge.

What is left of a charge is what was charged less what was credited before. The credit that takes
all that is left takes its last minor unit, too, so any number of credits can sum to the charge.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor

from domains.billing.services.arithmetic.allocation import allocate, amounts_of
from domains.billing.services.arithmetic.money import Amount, Exact, exact, precise, round_half_up
from domains.billing.services.arithmetic.tax import Taxation, Taxed, by_rate

# What is cut off of precise values is no reason to keep back a minor unit.
_MILLIONTH = Fraction(1, 10**6)


@dataclass(frozen=True, kw_only=True)
class CreditLine:
    """A line of a credit note: the net value to give back, and what is left of the charged line."""

    value: Exact
    left: Taxed


def credit(*, value: Exact, left: Amount) -> Amount:
    """Return the value, rounded, or all that is left if that is not more.

    Raises `ValueError` if the value or what is left is negative.
    """
    wanted = exact(value)
    if wanted < 0 or left.precise < 0 or left.rounded < 0:
        raise ValueError("A credit and what is left of its charge are not negative.")
    if wanted > exact(left.precise) - _MILLIONTH:
        return left
    return Amount(precise=precise(wanted), rounded=min(round_half_up(wanted), left.rounded))


def credit_note(*, lines: Sequence[CreditLine]) -> Taxation:
    """Return what is given back of each line, with its tax.

    A line that is given back whole gives back all the tax that is left of it. For the others of a
    rate the tax is computed on their precise total and rounded once, as it was on the invoice.
    Raises `ValueError` for what is negative.
    """
    nets = [credit(value=line.value, left=line.left.net) for line in lines]
    taxes = [line.left.tax for line in lines]
    partly = [i for i, line in enumerate(lines) if nets[i] != line.left.net]
    for rate, places in by_rate([lines[i].left.rate for i in partly]).items():
        group = [partly[place] for place in places]
        quotas = [exact(nets[i].precise) * exact(rate.rate) for i in group]
        for i, tax in zip(group, _within([taxes[i] for i in group], quotas), strict=True):
            taxes[i] = tax
    return Taxation(
        lines=tuple(
            Taxed(rate=line.left.rate, net=net, tax=tax)
            for line, net, tax in zip(lines, nets, taxes, strict=True)
        )
    )


def credit_gross(*, gross: int, left: Sequence[Taxed]) -> Taxation:
    """Return what is given back of each line for it to be exactly so much with tax.

    It is divided by what is left of the lines; the tax in it is rounded once for each rate. Raises
    `ValueError` for a negative amount, and for more than is left.
    """
    wholes = [line.gross.rounded for line in left]
    if not 0 <= gross <= sum(wholes):
        raise ValueError(f"{gross} is not within what is left.")
    parts = allocate(total=gross, weights=wholes)
    taxes = [Amount.of(0)] * len(left)
    for places in by_rate([line.rate for line in left]).values():
        quotas = [Fraction(parts[i] * left[i].tax.rounded, wholes[i] or 1) for i in places]
        for i, tax in zip(places, amounts_of(quotas=quotas), strict=True):
            taxes[i] = Amount.of(tax.rounded)
    return Taxation(
        lines=tuple(
            Taxed(rate=line.rate, net=Amount.of(part) - tax, tax=tax)
            for line, part, tax in zip(left, parts, taxes, strict=True)
        )
    )


def _within(left: list[Amount], quotas: list[Fraction]) -> list[Amount]:
    """Return the taxes whose precise values are the quotas, none above what is left of it."""
    total = credit(value=sum(quotas, Fraction(0)), left=Amount.total(left)).rounded
    parts = [min(floor(quota), most.rounded) for quota, most in zip(quotas, left, strict=True)]
    while sum(parts) < total:
        open_ = [i for i, most in enumerate(left) if parts[i] < most.rounded]
        parts[max(open_, key=lambda i: quotas[i] - parts[i])] += 1
    return [
        Amount(precise=min(precise(quota), most.precise), rounded=part)
        for quota, most, part in zip(quotas, left, parts, strict=True)
    ]
