"""Dividing what is rounded so that the parts sum to the whole: the method of largest remainders.

Each part is its quota rounded down or up. Those with the largest remainder are rounded up, of equal
ones the first. (Hamilton's method; Balinski and Young, Fair Representation, 1982.) A negative
whole is divided as the positive one, with the sign turned.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import floor

from domains.billing.services.arithmetic.money import (
    Amount,
    Exact,
    exact,
    from_units,
    round_half_up,
    to_units,
)


def allocate(*, total: int, weights: Sequence[Exact]) -> list[int]:
    """Divide the total by the weights, which are not negative; the parts sum to it exactly.

    Where every weight is zero all weigh the same. Raises `ValueError` for a negative weight, and
    for a total other than zero without weights.
    """
    shares = [exact(weight) for weight in weights]
    if any(share < 0 for share in shares):
        raise ValueError("A weight is negative.")
    whole = sum(shares)
    if not whole:
        shares, whole = [Fraction(1)] * len(shares), Fraction(len(shares))
    return apportion(total=total, quotas=[total * share / whole for share in shares])


def apportion(*, total: int, quotas: Sequence[Exact]) -> list[int]:
    """Round each quota down or up so that they sum to the total, which is about their sum.

    Quotas may be of both signs. Raises `ValueError` if no such rounding gives the total.
    """
    if total < 0:
        return [-part for part in apportion(total=-total, quotas=[-exact(q) for q in quotas])]
    exactly = [exact(quota) for quota in quotas]
    parts = [floor(quota) for quota in exactly]
    left = total - sum(parts)
    if not 0 <= left <= len(parts):
        raise ValueError(f"{total} is not about the sum of the quotas.")
    by_remainder = sorted(range(len(parts)), key=lambda i: parts[i] - exactly[i])
    for index in by_remainder[:left]:
        parts[index] += 1
    return parts


def amounts_of(*, quotas: Sequence[Exact]) -> list[Amount]:
    """Return the quotas as amounts whose precise and rounded values both sum to their sum's."""
    whole = sum((exact(quota) for quota in quotas), Fraction(0))
    units = [exact(quota) * to_units(1) for quota in quotas]
    precise = apportion(total=to_units(whole), quotas=units)
    rounded = apportion(total=round_half_up(whole), quotas=quotas)
    return [
        Amount(precise=from_units(fine), rounded=coarse)
        for fine, coarse in zip(precise, rounded, strict=True)
    ]
