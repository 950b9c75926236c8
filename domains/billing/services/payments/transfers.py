"""Money that came or went by bank transfer, as staff record it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from domains.billing.contract.invoice_errors import InvoiceNotFound, InvoiceNotOpen
from domains.billing.models import Invoice, InvoiceState, PaymentIntent, PaymentState, Refund
from domains.billing.models import RefundState as State
from domains.billing.services.customers import lock_customer
from domains.billing.services.payments import refund_settlement
from domains.billing.services.payments.port import ProviderRefund
from domains.billing.services.payments.settlement import follow_success
from kernel.db import transaction

MANUAL = "manual"


def record_transfer(
    *, organization_id: UUID, invoice_id: UUID, amount: int, received_at: datetime, now: datetime
) -> PaymentIntent:
    """Record that `amount` minor units were received for the open invoice; return the payment.

    What is too much becomes the customer's credit. Raises `InvoiceNotFound` and `InvoiceNotOpen`.
    """
    with transaction("billing"):
        lock_customer(organization_id=organization_id, now=now)
        invoice = Invoice.objects.within(organization_id).filter(id=invoice_id).first()
        if invoice is None:
            raise InvoiceNotFound
        if invoice.state != InvoiceState.OPEN:
            raise InvoiceNotOpen(f"It is {invoice.state}.")
        intent = PaymentIntent.objects.create(
            organization_id=organization_id,
            invoice=invoice,
            amount=amount,
            currency=invoice.currency,
            provider=MANUAL,
            off_session=True,
            state=PaymentState.SUCCEEDED,
            created_at=received_at,
            due_at=received_at,
            settled_at=received_at,
        )
        follow_success(intent, now=now)
    return intent


def mark_refund_sent(*, organization_id: UUID, refund_id: UUID, now: datetime) -> Refund:
    """Record that the refund was sent by bank transfer; repeatable."""
    mine = Refund.objects.within(organization_id).select_related("intent")
    refund = mine.get(id=refund_id, intent__provider=MANUAL)
    sent = ProviderRefund(
        reference=f"transfer-{refund.id}",
        charge=refund.intent.reference,
        state=State.SUCCEEDED,
        amount=refund.amount,
    )
    return refund_settlement.settle(refund, sent, now=now)
