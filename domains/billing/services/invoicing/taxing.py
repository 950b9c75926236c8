"""Which tax a customer pays, as whoever TAX_SERVICE names decides."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from django.conf import settings

from domains.billing.models import Customer
from domains.billing.services.invoicing import tax_answers
from domains.billing.services.invoicing.tax_port import TaxParty
from domains.billing.services.invoicing.tax_rules import ShippedRates
from domains.billing.services.invoicing.taxes import TaxDecisions


def decide(
    *, customers: Iterable[Customer], categories: Collection[str], now: datetime
) -> dict[UUID, TaxDecisions]:
    """Return by organization what tax there is on each category of products.

    Asks nobody, so it may be used within a transaction: what a tax service says was learned before.
    Raises `TaxUnknown` if that is not so of one of the customers.
    """
    if settings.TAX_SERVICE:
        return {
            customer.organization_id: tax_answers.kept(customer, categories, now=now)
            for customer in customers
        }
    parties = [TaxParty.of(customer) for customer in customers]
    return ShippedRates().ask(parties=parties, categories=categories, day=now.date())
