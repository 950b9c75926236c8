"""What a price model makes of a quantity: a charge, row by row."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, localcontext

from domains.billing.services.arithmetic.money import EXACT, Amount


@dataclass(frozen=True, kw_only=True)
class Part:
    """A row of a charge: `quantity` times `unit_amount`, and a flat amount, in minor units.

    The quantity is in units, in packages, or, times a rate, in minor units. What is free has a row
    with a unit amount of zero.
    """

    quantity: Decimal
    unit_amount: Decimal
    flat_amount: Decimal = Decimal(0)

    @property
    def precise(self) -> Decimal:
        """What the row costs, exactly."""
        with localcontext(EXACT):
            return self.quantity * self.unit_amount + self.flat_amount


@dataclass(frozen=True, kw_only=True)
class Charge:
    """What a quantity costs: the sum of its rows, which is not rounded before it is complete."""

    parts: tuple[Part, ...]

    @property
    def precise(self) -> Decimal:
        """The sum of the rows, exactly, in minor units."""
        with localcontext(EXACT):
            return sum((part.precise for part in self.parts), Decimal(0))

    @property
    def amount(self) -> Amount:
        """The sum of the rows as it is charged, rounded once."""
        return Amount.of(self.precise)
