"""Invoices that staff write: a draft with lines, which is changed or dropped until it is final.

A draft has no number, owes nothing and is in no books; customers don't see it. Its amounts are
without the tax on top: that is decided when it becomes final, as of that day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from domains.billing.contract.invoice_errors import DraftInvalid, InvoiceNotFound, InvoiceNotOpen
from domains.billing.models import Customer, Invoice, InvoiceLine, InvoiceState
from domains.billing.services.customers import lock_customer
from domains.billing.services.invoicing.drafting import InvoiceDraft, LineInput, draft
from domains.billing.services.invoicing.issuing import NewInvoice, issue, to_line
from domains.billing.services.invoicing.rates import STANDARD
from domains.billing.services.invoicing.taxes import untaxed
from domains.billing.services.invoicing.taxing import decide
from domains.billing.services.payments.collecting import collect
from kernel.db import transaction
from kernel.ids import uuid7

PAYABLE_WITHIN = timedelta(days=14)


@dataclass(frozen=True, kw_only=True)
class ManualLine:
    """What is charged, and how much of it: `unit_amount` is in minor units, above 0 as `quantity`.

    The tax on it is by the category, on top unless it is in the amount.
    """

    description: str
    unit_amount: Decimal
    quantity: Decimal = Decimal(1)
    tax_category: str = STANDARD
    tax_inclusive: bool = False


def make_draft(
    *,
    organization_id: UUID,
    currency: str,
    lines: Sequence[ManualLine],
    memo: str = "",
    now: datetime,
) -> Invoice:
    """Write a draft for the organization; return it. Raises `DraftInvalid`."""
    with transaction("billing"):
        customer = lock_customer(organization_id=organization_id, now=now)
        if customer.currency not in ("", currency):
            raise DraftInvalid(f"The customer pays in {customer.currency}.", pointer="/currency")
        row = Invoice(
            id=uuid7(),
            organization_id=organization_id,
            state=InvoiceState.DRAFT,
            cause=Invoice.Cause.MANUAL,
            currency=currency,
            period_start=now,
            period_end=now,
            created_at=now,
        )
        return _fill(row, lines, memo, now)


def change_draft(
    *,
    organization_id: UUID,
    invoice_id: UUID,
    lines: Sequence[ManualLine],
    memo: str = "",
    now: datetime,
) -> Invoice:
    """Give the draft these lines instead of its own.

    Raises `InvoiceNotFound`, `InvoiceNotOpen` if it is final, and `DraftInvalid`.
    """
    with transaction("billing"):
        _, row = _locked(organization_id, invoice_id, now)
        _lines_of(row).delete()
        return _fill(row, lines, memo, now)


def drop_draft(*, organization_id: UUID, invoice_id: UUID, now: datetime) -> None:
    """Drop the draft, as if it had never been. Raises `InvoiceNotFound` and `InvoiceNotOpen`."""
    with transaction("billing"):
        _, row = _locked(organization_id, invoice_id, now)
        _lines_of(row).delete()
        row.delete()


def finalize(
    *,
    organization_id: UUID,
    invoice_id: UUID,
    payable_within: timedelta = PAYABLE_WITHIN,
    now: datetime,
) -> Invoice:
    """Make the draft final: numbered, taxed, in the books, and collected as any invoice is.

    Raises `InvoiceNotFound`, `InvoiceNotOpen` if it is final already, and `TaxUnknown`, which
    leaves it a draft.
    """
    with transaction("billing"):
        customer, row = _locked(organization_id, invoice_id, now)
        lines = [_to_input(line) for line in _lines_of(row).order_by("position")]
        new = NewInvoice(
            organization_id=organization_id,
            subscription_id=None,
            cause=Invoice.Cause.MANUAL,
            draft=_taxed(customer, row.currency, lines, now),
            period_start=row.period_start,
            period_end=row.period_end,
            due_at=now + payable_within,
            memo=row.memo,
            finalizes=row.id,
        )
        _lines_of(row).delete()
        [invoice] = issue(invoices=[new], now=now)
        collect(invoices=[invoice], now=now, off_session=True)
    return invoice


def _locked(organization_id: UUID, invoice_id: UUID, now: datetime) -> tuple[Customer, Invoice]:
    customer = lock_customer(organization_id=organization_id, now=now)
    row = Invoice.objects.within(organization_id).filter(id=invoice_id).first()
    if row is None:
        raise InvoiceNotFound
    if row.state != InvoiceState.DRAFT:
        raise InvoiceNotOpen(f"It is {row.state}.")
    return customer, row


def _lines_of(row: Invoice) -> Any:
    return InvoiceLine.objects.within(row.organization_id).filter(invoice=row)


def _fill(row: Invoice, lines: Sequence[ManualLine], memo: str, now: datetime) -> Invoice:
    if not lines or any(line.unit_amount <= 0 or line.quantity <= 0 for line in lines):
        raise DraftInvalid("Every line charges something.", pointer="/lines")
    made = draft(
        currency=row.currency,
        lines=[_new_input(line, now) for line in lines],
        taxing=untaxed(*{line.tax_category for line in lines}),
    )
    row.subtotal, row.total, row.memo = made.subtotal, made.total, memo
    row.save()
    InvoiceLine.objects.bulk_create(
        to_line(row, position, line) for position, line in enumerate(made.lines, start=1)
    )
    return row


def _new_input(line: ManualLine, now: datetime) -> LineInput:
    return LineInput(
        kind=InvoiceLine.Kind.MANUAL.value,
        description=line.description,
        product="",
        price_id=None,
        quantity=line.quantity,
        precise=line.unit_amount * line.quantity,
        tax_inclusive=line.tax_inclusive,
        tax_category=line.tax_category,
        period_start=now,
        period_end=now,
        details={"tax_category": line.tax_category},
    )


def _to_input(row: InvoiceLine) -> LineInput:
    return LineInput(
        kind=row.kind,
        description=row.description,
        product=row.product,
        price_id=None,
        quantity=row.quantity,
        precise=row.precise,
        tax_inclusive=row.tax_inclusive,
        tax_category=row.details["tax_category"],
        period_start=row.period_start,
        period_end=row.period_end,
        details=row.details,
    )


def _taxed(
    customer: Customer, currency: str, lines: Sequence[LineInput], now: datetime
) -> InvoiceDraft:
    taxing = decide(customers=[customer], categories={each.tax_category for each in lines}, now=now)
    return draft(currency=currency, lines=lines, taxing=taxing[customer.organization_id])
