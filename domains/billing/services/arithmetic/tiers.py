"""The tiers of graduated and volume prices.

A tier holds its upper bound: of tiers up to 5 and without end, the fifth unit is in the first, and
anything above 5, be it 5.01, in the second.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from domains.billing.services.arithmetic.charges import Part
from domains.billing.services.arithmetic.decimals import Number, Rate


class _Bounded(BaseModel):
    """What is above the tier before, up to and with `up_to` (None: without end)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    up_to: Number | None
    flat_amount: Number = Decimal(0)

    def part(self, quantity: Decimal) -> Part:
        """Return the row for so much of the quantity."""
        return Part(quantity=quantity, unit_amount=self.price, flat_amount=self.flat_amount)

    @property
    def price(self) -> Decimal:
        raise NotImplementedError


class Tier(_Bounded):
    """Units at `unit_amount` each, and `flat_amount` once if there are any."""

    unit_amount: Number = Decimal(0)

    @property
    def price(self) -> Decimal:
        return self.unit_amount


class RateTier(_Bounded):
    """Minor units of which `rate` is charged, and `flat_amount` once if there are any."""

    rate: Rate = Decimal(0)

    @property
    def price(self) -> Decimal:
        return self.rate


_T = TypeVar("_T", bound=_Bounded)


def _ascending(tiers: tuple[_T, ...]) -> tuple[_T, ...]:
    lower = Decimal(0)
    for tier in tiers[:-1]:
        if tier.up_to is None or tier.up_to <= lower:
            raise ValueError("each tier ends above the one before it, and only the last has no end")
        lower = tier.up_to
    if tiers[-1].up_to is not None:
        raise ValueError("the last tier has no end: its up_to is null")
    return tiers


Tiers = Annotated[tuple[Tier, ...], Field(min_length=1), AfterValidator(_ascending)]
RateTiers = Annotated[tuple[RateTier, ...], Field(min_length=1), AfterValidator(_ascending)]


def graduated(tiers: tuple[_T, ...], quantity: Decimal) -> Iterator[Part]:
    """Yield a row for each tier that the quantity reaches, with what of it is in that tier."""
    lower = Decimal(0)
    for tier in tiers:
        if quantity <= lower:
            return
        upper = quantity if tier.up_to is None else min(quantity, tier.up_to)
        yield tier.part(upper - lower)
        lower = upper


def reached(tiers: tuple[_T, ...], quantity: Decimal) -> _T:
    """Return the tier that the quantity as a whole is in."""
    return next(tier for tier in tiers if tier.up_to is None or quantity <= tier.up_to)
