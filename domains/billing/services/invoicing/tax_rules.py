"""Taxes by the shipped rates: by where seller and customer are, and what the customer is.

The rules are those for electronically supplied services in the EU (Directive 2006/112/EC): to a
business with a VAT id in another member state the customer accounts for it (articles 44, 196), to
everybody else in the EU it is the rate where the customer is (article 58), and what goes outside
the EU isn't taxed (articles 44, 59).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from uuid import UUID

from django.conf import settings

from domains.billing.services.arithmetic import TaxRate
from domains.billing.services.invoicing import rates
from domains.billing.services.invoicing.tax_port import TaxParty
from domains.billing.services.invoicing.taxes import (
    EXEMPT,
    NOT_REGISTERED,
    OUTSIDE,
    REVERSE_CHARGE,
    TaxDecision,
    TaxDecisions,
)


class ShippedRates:
    """The adapter that knows everything itself, and may be asked at any time."""

    def ask(
        self, *, parties: Sequence[TaxParty], categories: Collection[str], day: date
    ) -> dict[UUID, TaxDecisions]:
        """Return by organization what tax there is on each category of products on the day."""
        return {party.organization_id: _decide(party, categories, day) for party in parties}


def _decide(party: TaxParty, categories: Collection[str], day: date) -> TaxDecisions:
    return TaxDecisions(
        by_category={category: _decide_one(party, category, day) for category in categories}
    )


def _decide_one(party: TaxParty, category: str, day: date) -> TaxDecision:
    seller = settings.INVOICE_SELLER_COUNTRY
    country = party.country or seller
    reason = _reason_for_none(seller, country, party)
    if reason:
        return TaxDecision(country=country, rate=TaxRate(reason=reason))
    rate = rates.rate_in(country, category, day=day)
    known = TaxRate(reason=NOT_REGISTERED) if rate is None else TaxRate(rate=rate)
    return TaxDecision(country=country, rate=known)


def _reason_for_none(seller: str, country: str, party: TaxParty) -> str:
    if not seller:
        return NOT_REGISTERED
    if party.exempt_reason:
        return EXEMPT
    if country == seller:
        return ""
    if not (rates.is_in_eu(seller) and rates.is_in_eu(country)):
        return OUTSIDE
    return REVERSE_CHARGE if party.vat_id else ""
