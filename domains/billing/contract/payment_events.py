"""What happened to payments of invoices, refunds and disputes. Amounts are in minor units."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kernel.events import event


@event("billing.invoice_payment_failed.v1", aggregate="organization_id")
@dataclass(frozen=True, kw_only=True)
class InvoicePaymentFailed:
    """An invoice could not be paid, at the first go (step 0) or at a later step of dunning.

    `is_hard`: nothing more is tried until there is another method; `next_at` is when the next step
    is due.
    """

    organization_id: UUID
    invoice_id: UUID
    number: str
    amount: int
    currency: str
    reason: str
    is_hard: bool
    step: int
    next_at: datetime | None


@event("billing.payment_action_required.v1", aggregate="organization_id")
@dataclass(frozen=True, kw_only=True)
class PaymentActionRequired:
    """An invoice waits for the customer, whose bank wants to hear them confirm it."""

    organization_id: UUID
    invoice_id: UUID
    number: str
    amount: int
    currency: str
