"""Invoices for one subscription: what is to be charged now is drafted, issued and collected."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from domains.billing.models import Customer, Invoice, Subscription
from domains.billing.services.invoicing.drafting import LineInput, draft
from domains.billing.services.invoicing.issuing import NewInvoice, issue
from domains.billing.services.invoicing.taxing import decide
from domains.billing.services.payments.collecting import collect


def charge(
    customer: Customer,
    subscription: Subscription,
    *,
    lines: Sequence[LineInput],
    cause: Invoice.Cause,
    now: datetime,
) -> Invoice | None:
    """Issue an invoice of the lines and have it paid; None if there are none."""
    if not lines:
        return None
    taxing = decide(customers=[customer], categories={line.tax_category for line in lines}, now=now)
    document = draft(
        currency=subscription.currency, lines=lines, taxing=taxing[customer.organization_id]
    )
    new = NewInvoice(
        organization_id=customer.organization_id,
        subscription_id=subscription.id,
        cause=cause,
        draft=document,
        period_start=subscription.period_start,
        period_end=subscription.period_end,
        due_at=now,
    )
    invoice = issue(invoices=[new], now=now)[0]
    collect(invoices=[invoice], now=now, off_session=True)
    return invoice
