"""What a service that decides about taxes is asked, and how it answers.

The default adapter are the shipped rates (`tax_rules`); another one is a service behind TAX_SERVICE
(`tax_http`), which is only ever asked outside of transactions (`tax_answers`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Protocol
from uuid import UUID

from domains.billing.models import Customer
from domains.billing.services.invoicing.taxes import TaxDecisions


@dataclass(frozen=True, kw_only=True)
class TaxParty:
    """A customer as far as taxes depend on it; `country` is ISO 3166-1 alpha-2, or empty.

    With an `exempt_reason` staff said that it pays none.
    """

    organization_id: UUID
    country: str
    state: str
    postal_code: str
    city: str
    vat_id: str
    exempt_reason: str

    @classmethod
    def of(cls, customer: Customer) -> TaxParty:
        """Return the customer as it is now."""
        return cls(
            organization_id=customer.organization_id,
            country=customer.country,
            state=customer.address.get("state", ""),
            postal_code=customer.address.get("postal_code", ""),
            city=customer.address.get("city", ""),
            vat_id=customer.vat_id,
            exempt_reason=customer.tax_exempt_reason,
        )

    @property
    def digest(self) -> str:
        """Another one as soon as anything else is asked (SHA-256, in hex)."""
        asked = json.dumps(asdict(self), sort_keys=True, default=str)
        return hashlib.sha256(asked.encode()).hexdigest()


class TaxServiceDown(Exception):
    """It can't be reached, or doesn't answer what it was asked."""


class TaxService(Protocol):
    """Who decides about taxes."""

    def ask(
        self, *, parties: Sequence[TaxParty], categories: Collection[str], day: date
    ) -> Mapping[UUID, TaxDecisions]:
        """Return by organization what tax there is on each category of products on the day.

        Raises `TaxServiceDown`.
        """
