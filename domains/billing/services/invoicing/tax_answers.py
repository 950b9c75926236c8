"""What a tax service said of a customer: learned outside of transactions, and used within them.

An answer is fresh for a day. It holds for longer, so that an outage keeps no invoice back that was
ever taxed before, and no longer than until what was asked is another.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from pydantic import TypeAdapter

from domains.billing.contract.invoice_errors import TaxUnknown
from domains.billing.models import Customer, Price
from domains.billing.services.customers import lock_customer
from domains.billing.services.invoicing.rates import STANDARD
from domains.billing.services.invoicing.tax_http import TaxServiceOverHttp
from domains.billing.services.invoicing.tax_port import TaxParty, TaxServiceDown
from domains.billing.services.invoicing.tax_rules import ShippedRates
from domains.billing.services.invoicing.taxes import TaxDecisions
from kernel.db import in_transaction, transaction

FRESH_FOR = timedelta(days=1)
HOLDS_FOR = timedelta(days=40)  # a month, and what a renewal may be late

_granted: ContextVar[bool] = ContextVar("tax_answers_taken_for_granted", default=False)

log = logging.getLogger(__name__)


class AskedInTransaction(RuntimeError):
    """Somebody else's service must not hold locks up."""


def learn(*, organization_ids: Collection[UUID], now: datetime) -> None:
    """Ask the tax service, if there is one, about the customers of whom nothing fresh is known.

    While it is down, what it said before holds. Raises `AskedInTransaction`.
    """
    if not (settings.TAX_SERVICE and organization_ids) or _granted.get():
        return
    if in_transaction("billing"):
        raise AskedInTransaction
    stale = [row for row in _customers(organization_ids, now) if not _is_fresh(row, now)]
    if not stale:
        return
    parties, categories = [TaxParty.of(row) for row in stale], _categories()
    try:
        said = TaxServiceOverHttp().ask(parties=parties, categories=categories, day=now.date())
    except TaxServiceDown as down:
        log.warning("The tax service can't be asked about %s customers: %s", len(stale), down)
        return
    for party in parties:
        _keep(party, said[party.organization_id], now)


def kept(customer: Customer, categories: Collection[str], *, now: datetime) -> TaxDecisions:
    """Return what was said of the customer; raise `TaxUnknown` if that doesn't hold any more."""
    if _granted.get() and not customer.taxes:
        return _by_shipped_rates(customer, categories, now)
    if not _is_known(customer, now=now, within=HOLDS_FOR):
        raise TaxUnknown
    decided = _ADAPTER.validate_python(customer.taxes["decided"])
    if not set(categories) <= set(decided.by_category):
        raise TaxUnknown
    return decided


@contextmanager
def taken_for_granted() -> Iterator[None]:
    """Have what was said last hold for as long as the block: for looks into the future.

    Nobody is asked, and customers of whom nothing was said are taxed by the shipped rates.
    """
    token = _granted.set(True)
    try:
        yield
    finally:
        _granted.reset(token)


def _customers(organization_ids: Collection[UUID], now: datetime) -> list[Customer]:
    known = list(Customer.objects.within(*organization_ids))
    new = set(organization_ids) - {row.organization_id for row in known}
    with transaction("billing", final=False):
        known += [lock_customer(organization_id=id_, now=now) for id_ in sorted(new)]
    return known


def _is_fresh(row: Customer, now: datetime) -> bool:
    return _is_known(row, now=now, within=FRESH_FOR)


def _is_known(row: Customer, *, now: datetime, within: timedelta) -> bool:
    if row.taxes.get("asked") != TaxParty.of(row).digest:
        return False
    return _granted.get() or now < datetime.fromisoformat(row.taxes["at"]) + within


def _by_shipped_rates(
    customer: Customer, categories: Collection[str], now: datetime
) -> TaxDecisions:
    party = TaxParty.of(customer)
    said = ShippedRates().ask(parties=[party], categories=categories, day=now.date())
    return said[party.organization_id]


def _categories() -> Sequence[str]:
    used = Price.objects.values_list("tax_category", flat=True).distinct()
    return sorted({STANDARD, *used})


def _keep(party: TaxParty, said: TaxDecisions, now: datetime) -> None:
    taxes = {
        "asked": party.digest,
        "at": now.isoformat(),
        "decided": _ADAPTER.dump_python(said, mode="json"),
    }
    Customer.objects.within(party.organization_id).update(taxes=taxes)


_ADAPTER: TypeAdapter[TaxDecisions] = TypeAdapter(TaxDecisions)
