"""Chasing invoices that were not paid at the first go.

Steps are due so many days after the first failure (DUNNING_DAYS): each tries the organization's
default method again, or reminds where trying can't help. The plan stays in force all along; after
the last step and DUNNING_GRACE_DAYS more it ends by policy (`dunning_steps.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings

from domains.billing.contract.payment_events import InvoicePaymentFailed, PaymentActionRequired
from domains.billing.models import Dunning, Invoice, PaymentMethod
from domains.billing.services.payments.declines import (
    AUTHENTICATION_REQUIRED,
    METHOD_MISSING,
    is_hard,
)
from kernel.events import publish

TRANSFER_WITHIN = timedelta(days=14)


def step_due_at(*, started_at: datetime, step: int) -> datetime:
    """Return when the step after `step` steps is due; the one after all attempts is the end."""
    days = settings.DUNNING_DAYS
    if step < len(days):
        return started_at + timedelta(days=days[step])
    return started_at + timedelta(days=days[-1] + settings.DUNNING_GRACE_DAYS)


def wait(*, invoices: Sequence[Invoice], now: datetime, until: datetime | None = None) -> None:
    """Look at the invoices again later, by default when they are due; nothing has failed yet."""
    rows = [
        Dunning(
            organization_id=invoice.organization_id,
            invoice=invoice,
            next_at=until or invoice.due_at or now + TRANSFER_WITHIN,
            created_at=now,
        )
        for invoice in invoices
    ]
    Dunning.objects.bulk_create(rows, ignore_conflicts=True)


def record_missing_method(*, invoice: Invoice, now: datetime) -> None:
    """Note that the organization has nothing to pay the invoice with."""
    record_failure(invoice=invoice, reason=METHOD_MISSING, method=None, now=now)


def record_failure(
    *, invoice: Invoice, reason: str, method: PaymentMethod | None, now: datetime
) -> Dunning:
    """Note that a payment of the invoice failed, and tell; the first time dunning begins.

    In the caller's transaction, under the customer's lock.
    """
    row = _row_of(invoice, now)
    if row.started_at is None:
        row.started_at = now
        row.next_at = step_due_at(started_at=now, step=0)
    row.reason, row.is_hard, row.method = reason, is_hard(reason), method
    row.save()
    _tell(row, invoice)
    return row


def finish(*, invoice_id: UUID, organization_id: UUID, outcome: str, now: datetime) -> None:
    """End the chase of the invoice, if there is one; under the customer's lock."""
    running = Dunning.objects.within(organization_id).filter(invoice_id=invoice_id, ended_at=None)
    running.update(ended_at=now, outcome=outcome, next_at=None)


def _row_of(invoice: Invoice, now: datetime) -> Dunning:
    mine = Dunning.objects.within(invoice.organization_id).filter(invoice=invoice)
    found = mine.select_for_update().first()
    return found or Dunning(
        organization_id=invoice.organization_id, invoice=invoice, created_at=now
    )


def _tell(row: Dunning, invoice: Invoice) -> None:
    if row.reason == AUTHENTICATION_REQUIRED:
        publish(
            PaymentActionRequired(
                organization_id=row.organization_id,
                invoice_id=invoice.id,
                number=invoice.number or "",
                amount=invoice.due,
                currency=invoice.currency,
            )
        )
        return
    publish(
        InvoicePaymentFailed(
            organization_id=row.organization_id,
            invoice_id=invoice.id,
            number=invoice.number or "",
            amount=invoice.due,
            currency=invoice.currency,
            reason=row.reason,
            is_hard=row.is_hard,
            step=row.step,
            next_at=row.next_at,
        )
    )
