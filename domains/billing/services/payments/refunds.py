"""Sending money back: written down first, then the provider is asked, then its answer is settled.

What is refunded of a payment is counted in its row, under its lock, open refunds among it; a
constraint holds that it is never more than was paid.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F

from domains.billing.contract.payment_errors import RefundTooLarge
from domains.billing.models import CreditNote, PaymentIntent, PaymentState, Refund, RefundState
from domains.billing.services.customers import lock_customer
from domains.billing.services.invoicing import booking, ledger
from domains.billing.services.payments import providers
from domains.billing.services.payments.port import ProviderRefund, RefundRequest
from domains.billing.services.payments.refund_settlement import settle
from kernel.db import transaction
from kernel.jobs import ring

LOOK_AGAIN_AFTER = timedelta(minutes=1)
ON_ITS_WAY_AFTER = timedelta(hours=1)
KEY_REMEMBERED = timedelta(hours=12)
CLAIMED_AT_ONCE = 500


def send_back(
    *, credit_note: CreditNote, intent_id: UUID | None = None, now: datetime
) -> list[Refund]:
    """Send back what the credit note says, of the payments of its invoice, the newest first.

    With `intent_id`, of that payment alone. In the caller's transaction, under the customer's lock.
    Raises `RefundTooLarge`.
    """
    left = credit_note.to_refund
    refunds = []
    for intent in _payments_of(credit_note, intent_id):
        part = min(left, intent.amount - intent.refunded)
        if part:
            refunds.append(_open(intent, part, credit_note.reason, credit_note, now))
            left -= part
    if left:
        raise RefundTooLarge(f"{left} minor units more than was paid and not sent back.")
    return refunds


def send_back_credit(
    *, organization_id: UUID, intent_id: UUID, amount: int, reason: str, now: datetime
) -> Refund:
    """Send back the customer's credit, `amount` minor units of it, by a payment that it came from.

    Raises `RefundTooLarge` beyond the credit, or beyond the payment.
    """
    with transaction("billing"):
        lock_customer(organization_id=organization_id, now=now)
        intent = PaymentIntent.objects.within(organization_id).select_for_update().get(id=intent_id)
        credit = ledger.balances(organization_ids=[organization_id])
        if amount > credit.get((organization_id, intent.currency), 0):
            raise RefundTooLarge("That is more than the customer's credit.")
        refund = _open(intent, amount, reason, None, now)
        ledger.post(groups=[booking.refund_of_credit(refund)], now=now)
    return refund


def carry_out(*, organization_id: UUID, refund_id: UUID, now: datetime) -> Refund:
    """Bring a refund as far as the provider lets it. Raises `PaymentProviderUnavailable`."""
    mine = Refund.objects.within(organization_id).select_related("intent")
    refund = mine.get(id=refund_id)
    if refund.state != RefundState.PENDING:
        return refund
    return settle(refund, _ask(refund, now), now=now)


def claim_due(*, now: datetime) -> list[tuple[UUID, UUID]]:
    """Return the refunds (whose, and which) whose turn it is; give each its next turn."""
    with transaction("billing"):
        due = Refund.objects.everywhere().filter(state=RefundState.PENDING, due_at__lte=now)
        chosen = due.order_by("due_at").select_for_update(skip_locked=True)[:CLAIMED_AT_ONCE]
        claimed = list(chosen.values_list("organization_id", "id"))
        mine = Refund.objects.everywhere().filter(id__in=[refund_id for _, refund_id in claimed])
        mine.filter(reference="").update(due_at=now + LOOK_AGAIN_AFTER)
        mine.exclude(reference="").update(due_at=now + ON_ITS_WAY_AFTER)
    return claimed


def _payments_of(note: CreditNote, intent_id: UUID | None) -> Iterable[PaymentIntent]:
    paid = PaymentIntent.objects.within(note.organization_id).filter(
        invoice_id=note.invoice_id, state=PaymentState.SUCCEEDED
    )
    if intent_id is not None:
        paid = paid.filter(id=intent_id)
    return paid.order_by("-id").select_for_update()


def _open(
    intent: PaymentIntent, amount: int, reason: str, note: CreditNote | None, now: datetime
) -> Refund:
    if intent.state != PaymentState.SUCCEEDED or not 0 < amount <= intent.amount - intent.refunded:
        raise RefundTooLarge("That is more than was paid and not sent back.")
    rows = PaymentIntent.objects.within(intent.organization_id).filter(id=intent.id)
    rows.update(refunded=F("refunded") + amount)
    refund = Refund.objects.create(
        organization_id=intent.organization_id,
        intent=intent,
        credit_note=note,
        amount=amount,
        reason=reason,
        created_at=now,
        due_at=now + LOOK_AGAIN_AFTER,
    )
    ring("billing.carry_out_refund", str(refund.organization_id), str(refund.id))
    return refund


def _ask(refund: Refund, now: datetime) -> ProviderRefund:
    provider = providers.named(refund.intent.provider)
    if refund.reference:
        return provider.fetch_refund(reference=refund.reference)
    return provider.refund(
        RefundRequest(
            idempotency_key=refund.idempotency_key,
            charge=refund.intent.reference,
            amount=refund.amount,
            currency=refund.intent.currency,
            asked_at=refund.created_at,
            is_old=now - refund.created_at >= KEY_REMEMBERED,
        )
    )
