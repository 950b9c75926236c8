"""Writing in the offline provider's book: once under each key, and what is to be told of it.

It tells by webhooks what no answer has said: what happens later, by the customer or the bank.
"""

from __future__ import annotations

from uuid import UUID

from django.db.models import F

from domains.billing.models import (
    ChargeStatus,
    Dispute,
    OfflineCharge,
    OfflineDispute,
    OfflineEvent,
    OfflineRefund,
    RefundState,
)
from kernel.db import transaction


class IdempotencyKeyReused(Exception):
    """The key stands for something else already: asking so is a mistake in the program."""


def enter_charge(line: OfflineCharge, *, is_disputed: bool) -> OfflineCharge:
    """Write the charge unless its key has one; return the one that the key stands for.

    Raises `IdempotencyKeyReused`.
    """
    with transaction("billing", final=False):
        OfflineCharge.objects.bulk_create([line], ignore_conflicts=True)
        kept = OfflineCharge.objects.get(idempotency_key=line.idempotency_key)
        if is_disputed and kept.id == line.id:
            open_dispute(line)
    if kept.terms != line.terms:
        raise IdempotencyKeyReused(line.idempotency_key)
    return kept


def conclude(reference: str, status: ChargeStatus) -> None:
    """End a charge that waits for its confirmation; one that is over stays as it is."""
    with transaction("billing", final=False):
        waiting = OfflineCharge.objects.filter(
            id=UUID(reference), status=ChargeStatus.REQUIRES_ACTION
        )
        if waiting.update(status=status):
            _tell(f"charge.{status}", reference)


def enter_refund(line: OfflineRefund) -> OfflineRefund:
    """Write the refund unless its key has one; one beyond the charge fails."""
    with transaction("billing", final=False):
        charge = OfflineCharge.objects.select_for_update().get(id=line.charge_id)
        kept = OfflineRefund.objects.filter(idempotency_key=line.idempotency_key).first()
        if kept is not None:
            return kept
        if charge.refunded + line.amount > charge.amount:
            line.status, line.reason = RefundState.FAILED, "charge_already_refunded"
        if line.status == RefundState.SUCCEEDED:
            OfflineCharge.objects.filter(id=charge.id).update(refunded=F("refunded") + line.amount)
        line.save(force_insert=True)
    return line


def open_dispute(charge: OfflineCharge) -> OfflineDispute:
    """Have the customer's bank hold the charge back."""
    dispute = OfflineDispute.objects.create(charge=charge)
    _tell("dispute.opened", dispute.id)
    return dispute


def close_dispute(reference: str, state: Dispute.State) -> None:
    """Decide the dispute, once."""
    with transaction("billing", final=False):
        opened = OfflineDispute.objects.filter(id=UUID(reference), state=Dispute.State.OPEN)
        if opened.update(state=state):
            _tell(f"dispute.{state}", reference)


def _tell(kind: str, reference: UUID | str) -> None:
    OfflineEvent.objects.create(kind=kind, reference=str(reference))
