"""Customers, lines and invoices for tests of invoicing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from domains.billing.models import Customer, Invoice, PaymentIntent, PaymentState
from domains.billing.services.arithmetic import TaxRate
from domains.billing.services.invoicing.drafting import InvoiceDraft, LineInput, draft
from domains.billing.services.invoicing.issuing import NewInvoice, issue
from domains.billing.services.invoicing.taxes import TaxDecision, TaxDecisions
from kernel.db import transaction
from kernel.ids import uuid7

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
START, END = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)


def taxed(rate: str, *, country: str = "DE", **by_category: str) -> TaxDecisions:
    rates = {"standard": rate, **by_category}
    return TaxDecisions(
        by_category={
            category: TaxDecision(country=country, rate=TaxRate(rate=Decimal(each)))
            for category, each in rates.items()
        }
    )


def line(amount, **options) -> LineInput:
    """A line of so many minor units."""
    values = {
        "kind": "recurring",
        "description": "Pro",
        "product": "pro",
        "price_id": None,
        "quantity": Decimal(1),
        "precise": Decimal(amount),
        "tax_inclusive": False,
        "tax_category": "standard",
        "period_start": START,
        "period_end": END,
    }
    return LineInput(**values | options)


def draft_of(*amounts, rate: str = "0.19", currency: str = "EUR") -> InvoiceDraft:
    lines = [line(amount) for amount in amounts]
    return draft(currency=currency, lines=lines, taxing=taxed(rate))


def customer(**values) -> Customer:
    return Customer.objects.create(
        organization_id=uuid7(), plan="pro", created_at=NOW, **{"name": "Ada Ltd", **values}
    )


def new(organization_id: UUID, made: InvoiceDraft, **options) -> NewInvoice:
    values = {
        "subscription_id": None,
        "cause": Invoice.Cause.MANUAL,
        "period_start": START,
        "period_end": END,
        "due_at": NOW + timedelta(days=14),
    }
    return NewInvoice(organization_id=organization_id, draft=made, **values | options)


def issued(*invoices: NewInvoice, now: datetime = NOW) -> list[Invoice]:
    with transaction("billing"):
        return issue(invoices=invoices, now=now)


def invoice_of(organization_id: UUID, *amounts, **options) -> Invoice:
    return issued(new(organization_id, draft_of(*amounts, **options)))[0]


def payment_of(invoice: Invoice, amount: int | None = None) -> PaymentIntent:
    """A payment for the invoice that succeeded at the provider."""
    return PaymentIntent.objects.create(
        organization_id=invoice.organization_id,
        account_id=uuid7(),
        invoice=invoice,
        amount=invoice.due if amount is None else amount,
        currency=invoice.currency,
        provider="test",
        payment_method="pm_card_visa",
        state=PaymentState.SUCCEEDED,
        created_at=NOW,
        due_at=NOW,
        settled_at=NOW,
    )
