"""What staff send back of one payment: of what it paid, or of what it was too much."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Sum

from domains.billing.contract.payment_errors import PaymentNotFound, RefundTooLarge
from domains.billing.models import Dispute, InvoiceState, PaymentIntent, PaymentState, Refund
from domains.billing.services.customers import lock_customer
from domains.billing.services.invoicing import credit_notes, ledger
from domains.billing.services.invoicing.credit_notes import CreditTo
from domains.billing.services.payments import refunds
from kernel.db import transaction


def left_of(intent: PaymentIntent) -> int:
    """Return what of the payment was not sent back, and isn't held back by the customer's bank."""
    if intent.state != PaymentState.SUCCEEDED:
        return 0
    disputes = Dispute.objects.within(intent.organization_id).filter(intent=intent)
    held = disputes.exclude(state=Dispute.State.WON).aggregate(sum=Sum("amount"))["sum"] or 0
    return max(intent.amount - intent.refunded - held, 0)


def refundable(intent: PaymentIntent) -> int:
    """Return how many minor units can be sent back of what the payment paid of its invoice.

    Nothing while the invoice is owed: what is taken back of it then makes it owe less.
    """
    invoice = intent.invoice
    if invoice is None or invoice.state != InvoiceState.PAID:
        return 0
    lines = credit_notes.creditable(invoice).values()
    charged = sum(line.gross.rounded for line in lines)
    return min(left_of(intent), credit_notes.refundable(invoice), charged)


def refundable_credit(intent: PaymentIntent) -> int:
    """Return how many minor units of the customer's credit can be sent back by the payment."""
    credit = ledger.balances(organization_ids=[intent.organization_id])
    return min(left_of(intent), max(credit.get((intent.organization_id, intent.currency), 0), 0))


def refund_payment(
    *, organization_id: UUID, intent_id: UUID, amount: int, reason: str, now: datetime
) -> list[Refund]:
    """Send back so many minor units of what the payment paid, with a credit note for its invoice.

    Raises `PaymentNotFound` and `RefundTooLarge`.
    """
    with transaction("billing"):
        intent = _locked(organization_id, intent_id, now)
        if intent.invoice is None or not 0 < amount <= refundable(intent):
            raise RefundTooLarge("That is more than is left of what the payment paid.")
        note = credit_notes.credit_amount(
            organization_id=organization_id,
            invoice_id=intent.invoice.id,
            gross=amount,
            reason=reason[:200],
            to=CreditTo.REFUND,
            now=now,
        )
        return refunds.send_back(credit_note=note, intent_id=intent.id, now=now)


def refund_credit(
    *, organization_id: UUID, intent_id: UUID, amount: int, reason: str, now: datetime
) -> Refund:
    """Send back so many minor units of the customer's credit by the payment.

    Raises `PaymentNotFound` and `RefundTooLarge`.
    """
    with transaction("billing"):
        intent = _locked(organization_id, intent_id, now)
        if not 0 < amount <= refundable_credit(intent):
            raise RefundTooLarge("That is more than the customer's credit, or than the payment.")
        return refunds.send_back_credit(
            organization_id=organization_id,
            intent_id=intent_id,
            amount=amount,
            reason=reason[:200],
            now=now,
        )


def _locked(organization_id: UUID, intent_id: UUID, now: datetime) -> PaymentIntent:
    lock_customer(organization_id=organization_id, now=now)
    mine = PaymentIntent.objects.within(organization_id).select_related("invoice")
    intent = mine.filter(id=intent_id).first()
    if intent is None:
        raise PaymentNotFound
    return intent
