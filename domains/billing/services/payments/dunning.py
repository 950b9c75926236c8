"""Chasing invoices that were not paid at the first go.

Steps are due so many days after the first failure (DUNNING_DAYS): each tries the organization's
default method again, or reminds where trying can't help. The plan stays in force all along; after
the last step and DUNNING_GRACE_DAYS more it ends by policy (`dunning_steps.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q

from domains.billing.contract.payment_events import InvoicePaymentFailed, PaymentActionRequired
from domains.billing.models import (
    Dunning,
    Invoice,
    InvoiceState,
    PaymentMethod,
    SubscriptionState,
)
from domains.billing.services.payments.declines import AUTHENTICATION_REQUIRED, is_hard
from kernel.events import publish
from kernel.jobs import ring

ANOTHER_PAYMENT_FIRST = timedelta(minutes=10)
TRANSFER_WITHIN = timedelta(days=14)
# Given up, and yet the subscription waits for it.
_OWED_AFTER_ALL = Q(
    outcome=Dunning.Outcome.EXHAUSTED,
    invoice__state=InvoiceState.OPEN,
    invoice__subscription__state=SubscriptionState.UNPAID,
)


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


def record_failure(
    *, invoice: Invoice, reason: str, method: PaymentMethod | None, now: datetime
) -> Dunning:
    """Note that a payment of the invoice failed, and tell; the first time dunning begins.

    In the caller's transaction, under the customer's lock.
    """
    row = _row_of(invoice, now)
    row.started_at = row.started_at or now
    row.next_at = step_due_at(started_at=row.started_at, step=row.step)
    row.is_out_of_turn = False
    row.reason, row.is_hard, row.method = reason, is_hard(reason), method
    row.save()
    _tell(row, invoice)
    return row


def finish(*, organization_id: UUID, invoice_id: UUID, outcome: str, now: datetime) -> None:
    """End the chase of the invoice, if there is one; under the customer's lock."""
    running = Dunning.objects.within(organization_id).filter(invoice_id=invoice_id, ended_at=None)
    running.update(ended_at=now, outcome=outcome, next_at=None, is_out_of_turn=False)


def hurry(*, organization_id: UUID, now: datetime) -> None:
    """Have what the organization owes tried once more at once, without taking a step for it.

    For when there is another method, or another invoice could be paid.
    """
    mine = Dunning.objects.within(organization_id)
    hopeful = mine.filter(Q(ended_at=None) | _OWED_AFTER_ALL)
    if hopeful.update(is_out_of_turn=True, next_at=now, ended_at=None, outcome=""):
        ring("billing.advance_dunning", str(organization_id))


def _row_of(invoice: Invoice, now: datetime) -> Dunning:
    mine = Dunning.objects.within(invoice.organization_id).filter(invoice=invoice)
    found = mine.select_for_update().first()
    return found or Dunning(
        organization_id=invoice.organization_id, invoice=invoice, created_at=now
    )


def _tell(row: Dunning, invoice: Invoice) -> None:
    if row.reason == AUTHENTICATION_REQUIRED:
        publish(PaymentActionRequired(**facts_of(invoice)))
        return
    publish(
        InvoicePaymentFailed(
            **facts_of(invoice),
            reason=row.reason,
            is_hard=row.is_hard,
            step=row.step,
            next_at=row.next_at,
        )
    )


def facts_of(invoice: Invoice) -> dict[str, Any]:
    """Return what every event of dunning says of the invoice."""
    return {
        "organization_id": invoice.organization_id,
        "invoice_id": invoice.id,
        "number": invoice.number or "",
        "amount": invoice.due,
        "currency": invoice.currency,
    }
