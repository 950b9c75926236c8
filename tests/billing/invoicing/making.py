"""Customers, lines and invoices for tests of invoicing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from domains.billing.models import (
    CreditNote,
    Customer,
    Invoice,
    InvoiceLine,
    PaymentIntent,
    PaymentState,
    Posting,
)
from domains.billing.services.arithmetic import TaxRate
from domains.billing.services.invoicing import credit_notes, settling
from domains.billing.services.invoicing.credit_notes import CreditInput, CreditTo
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


def payment_of(invoice: Invoice, amount: int | None = None, **options) -> PaymentIntent:
    """A payment for the invoice that was received; by bank transfer, unless it is said."""
    return PaymentIntent.objects.create(
        organization_id=invoice.organization_id,
        account_id=uuid7(),
        invoice=invoice,
        amount=invoice.due if amount is None else amount,
        currency=invoice.currency,
        payment_method="",
        state=PaymentState.SUCCEEDED,
        created_at=NOW,
        due_at=NOW,
        settled_at=NOW,
        **{"provider": "manual"} | options,
    )


def pay(invoice: Invoice, amount: int | None = None, **options) -> Invoice:
    """Receive a payment for the invoice: what is due, or so much."""
    with transaction("billing"):
        intent = payment_of(invoice, amount, **options)
        settling.record_payment(invoice_id=invoice.id, intent=intent, now=NOW)
    invoice.refresh_from_db()
    return invoice


def credited(invoice: Invoice, net=None, *, to: str = "balance") -> CreditNote:
    """Take back so much of every line of the invoice, or all that is left."""
    lines = InvoiceLine.objects.within(invoice.organization_id).filter(invoice=invoice)
    with transaction("billing"):
        note = credit_notes.credit(
            organization_id=invoice.organization_id,
            invoice_id=invoice.id,
            lines=[
                CreditInput(line_id=row.id, net=None if net is None else Decimal(net))
                for row in lines.order_by("position")
            ],
            reason="It was late",
            to=CreditTo(to),
            now=NOW,
        )
    invoice.refresh_from_db()
    return note


def books(*organization_ids: UUID) -> dict[str, int]:
    """Return what stands on each account, where it isn't nothing."""
    sums: dict[str, int] = {}
    for posting in Posting.objects.within(*organization_ids):
        sums[posting.account] = sums.get(posting.account, 0) + posting.amount
    return {account: sum_ for account, sum_ in sums.items() if sum_}
