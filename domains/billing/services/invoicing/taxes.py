"""What was decided on a customer's tax: plain data, which drafting computes with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from domains.billing.services.arithmetic import TaxRate

REVERSE_CHARGE = "reverse_charge"
EXEMPT = "exempt"
OUTSIDE = "outside"  # the supply isn't taxed where the seller is
NOT_REGISTERED = "not_registered"  # the seller charges no tax


@dataclass(frozen=True, kw_only=True)
class TaxDecision:
    """The rate for a category of products, and in which country; or why there is no tax."""

    country: str
    rate: TaxRate


@dataclass(frozen=True, kw_only=True)
class TaxDecisions:
    """What holds for one customer, by category of products."""

    by_category: Mapping[str, TaxDecision]

    def of(self, category: str) -> TaxDecision:
        """Return the decision on the category; raise `KeyError` if none was asked for."""
        return self.by_category[category]


def untaxed(*categories: str, reason: str = NOT_REGISTERED) -> TaxDecisions:
    """Return that nothing is taxed, for one reason."""
    rate = TaxRate(rate=Decimal(0), reason=reason)
    decision = TaxDecision(country="", rate=rate)
    return TaxDecisions(by_category=dict.fromkeys(categories, decision))
