"""Minor units of ISO 4217 as Stripe counts them (docs.stripe.com/currencies, "Special cases").

Most are the same, the zero-decimal ones too. ISK and UGX have no minor unit, and Stripe counts
hundredths that must be zero; MGA has one of a fifth, and Stripe counts whole ones; of the
currencies with thousandths it takes tens of them. HUF and TWD are special in payouts alone.
"""

from __future__ import annotations

from fractions import Fraction

_FACTORS = {"ISK": Fraction(100), "UGX": Fraction(100), "MGA": Fraction(1, 100)}
_IN_TENS = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})


class AmountNotChargeable(Exception):
    """Stripe can't move exactly this amount of the currency, and another would be wrong."""


def to_stripe(amount: int, currency: str) -> int:
    """Return the minor units as Stripe counts them; raise `AmountNotChargeable`."""
    counted = amount * _FACTORS.get(currency, 1)
    if counted != int(counted) or (currency in _IN_TENS and amount % 10):
        raise AmountNotChargeable(f"{amount} {currency}")
    return int(counted)


def from_stripe(amount: int, currency: str) -> int:
    """Return what Stripe counts as minor units of ISO 4217."""
    return int(amount / Fraction(_FACTORS.get(currency, 1)))
