"""Money as staff read it."""

from __future__ import annotations


def shown(amount: int, currency: str) -> str:
    """Return the amount of minor units with its currency."""
    return f"{amount} {currency} (minor units)"
