"""What happened to payments of invoices, refunds and disputes. Amounts are in minor units."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
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


@event("billing.payment_reminded.v1", aggregate="organization_id")
@dataclass(frozen=True, kw_only=True)
class PaymentReminded:
    """A step of dunning was due, and there is nothing that trying again could help."""

    organization_id: UUID
    invoice_id: UUID
    number: str
    amount: int
    currency: str
    reason: str
    step: int
    next_at: datetime | None


@event("billing.dunning_ended.v1", aggregate="organization_id")
@dataclass(frozen=True, kw_only=True)
class DunningEnded:
    """Nothing more is tried for an invoice; `policy` (one of DUNNING_END) is what follows."""

    organization_id: UUID
    invoice_id: UUID
    number: str
    amount: int
    currency: str
    policy: str


@event("billing.payment_refunded.v1", aggregate="organization_id")
@dataclass(frozen=True, kw_only=True)
class PaymentRefunded:
    """Money of a payment was sent back."""

    organization_id: UUID
    refund_id: UUID
    payment_id: UUID
    amount: int
    currency: str


@event("billing.refund_failed.v1", aggregate="organization_id")
@dataclass(frozen=True, kw_only=True)
class RefundFailed:
    """Money could not be sent back: it is the customer's credit instead."""

    organization_id: UUID
    refund_id: UUID
    payment_id: UUID
    amount: int
    currency: str
    reason: str


@event("billing.dispute_opened.v1", aggregate="organization_id")
@dataclass(frozen=True, kw_only=True)
class DisputeOpened:
    """A customer's bank holds a payment back."""

    organization_id: UUID
    dispute_id: UUID
    payment_id: UUID
    amount: int
    currency: str
    reason: str


@event("billing.dispute_closed.v1", aggregate="organization_id")
@dataclass(frozen=True, kw_only=True)
class DisputeClosed:
    """A dispute was decided: `won` if the money is there again."""

    organization_id: UUID
    dispute_id: UUID
    payment_id: UUID
    amount: int
    currency: str
    won: bool


@event("billing.payment_method_expiring.v1", aggregate="organization_id")
@dataclass(frozen=True, kw_only=True)
class PaymentMethodExpiring:
    """The card that the organization pays with is good until `expires_on` only."""

    organization_id: UUID
    payment_method_id: UUID
    brand: str
    last4: str
    expires_on: date


@event("billing.reconciliation_differed.v1", aggregate="provider")
@dataclass(frozen=True, kw_only=True)
class ReconciliationDiffered:
    """The provider's book and ours say different things; staff see which."""

    provider: str
    findings: int
