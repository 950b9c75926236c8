"""A tax service over HTTP, by the small protocol that docs/PROVIDERS.md describes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Annotated, Any
from uuid import UUID

import httpx
from django.conf import settings
from pydantic import BaseModel, Field

from domains.billing.services.arithmetic import TaxRate
from domains.billing.services.invoicing.tax_port import TaxParty, TaxServiceDown
from domains.billing.services.invoicing.taxes import TaxDecision, TaxDecisions

TIMEOUT = 10.0


class _Decision(BaseModel):
    country: Annotated[str, Field(pattern="^([A-Z]{2})?$")]
    rate: Decimal
    reason: Annotated[str, Field(max_length=32)] = ""

    def to_decision(self) -> TaxDecision:
        return TaxDecision(country=self.country, rate=TaxRate(rate=self.rate, reason=self.reason))


class _Answer(BaseModel):
    customers: Mapping[UUID, Mapping[str, _Decision]]


class TaxServiceOverHttp:
    """The adapter for the service at TAX_SERVICE."""

    def ask(
        self, *, parties: Sequence[TaxParty], categories: Collection[str], day: date
    ) -> dict[UUID, TaxDecisions]:
        """Return by organization what tax there is on each category of products on the day.

        Raises `TaxServiceDown`.
        """
        question = {
            "day": day.isoformat(),
            "seller": {
                "country": settings.INVOICE_SELLER_COUNTRY,
                "vat_id": settings.INVOICE_SELLER_VAT_ID,
            },
            "categories": sorted(categories),
            "customers": [_written(party) for party in parties],
        }
        try:
            answer = _Answer.model_validate_json(_post(question))
            return {
                party.organization_id: _decisions(answer, party, categories) for party in parties
            }
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError) as error:
            raise TaxServiceDown(type(error).__name__) from error


def _written(party: TaxParty) -> dict[str, str]:
    plain = asdict(party)
    return {"id": str(plain.pop("organization_id")), **plain}


def _decisions(answer: _Answer, party: TaxParty, categories: Collection[str]) -> TaxDecisions:
    said = answer.customers[party.organization_id]
    return TaxDecisions(by_category={each: said[each].to_decision() for each in categories})


def _post(question: Mapping[str, Any]) -> bytes:
    token = settings.TAX_SERVICE_TOKEN
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = _client().post(settings.TAX_SERVICE, json=question, headers=headers)
    answer.raise_for_status()
    return answer.content


@cache
def _client() -> httpx.Client:
    return httpx.Client(timeout=TIMEOUT, headers={"User-Agent": settings.PRODUCT_NAME})
