"""Money as staff read it."""

from __future__ import annotations

from typing import Any

from unfold.decorators import display

from kernel.staff import ReadOnlyAdmin


def shown(amount: int, currency: str) -> str:
    """Return the amount of minor units with its currency."""
    return f"{amount} {currency} (minor units)"


class PricedAdmin(ReadOnlyAdmin):
    """Rows that have a price."""

    @display(description="Price", ordering="amount")
    def price(self, row: Any) -> str:
        return shown(row.amount, row.currency)
