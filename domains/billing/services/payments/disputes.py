"""Payments that a customer's bank holds back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from domains.billing.contract.payment_events import DisputeClosed, DisputeOpened
from domains.billing.models import Dispute, PaymentIntent
from domains.billing.services.customers import lock_customer
from domains.billing.services.invoicing import booking, ledger
from domains.billing.services.payments.port import ProviderDispute
from domains.billing.services.payments.states import TransitionRefused
from kernel.db import transaction
from kernel.events import publish

State = Dispute.State
TRANSITIONS: Mapping[str, frozenset[str]] = {
    State.OPEN: frozenset({State.WON, State.LOST}),
    State.WON: frozenset(),
    State.LOST: frozenset(),
}


def record(*, intent: PaymentIntent, told: ProviderDispute, now: datetime) -> Dispute:
    """Bring the dispute about the payment into the state that the provider tells; repeatable.

    Raises `TransitionRefused`.
    """
    with transaction("billing"):
        lock_customer(organization_id=intent.organization_id, now=now)
        mine = Dispute.objects.within(intent.organization_id)
        known = mine.filter(provider=intent.provider, reference=told.reference).first()
        dispute = known or _begin(intent, told, now)
        if told.state != dispute.state:
            _close(dispute, told, now)
    return dispute


def _begin(intent: PaymentIntent, told: ProviderDispute, now: datetime) -> Dispute:
    dispute = Dispute.objects.create(
        organization_id=intent.organization_id,
        intent=intent,
        provider=intent.provider,
        reference=told.reference,
        amount=told.amount,
        reason=told.reason,
        opened_at=now,
    )
    ledger.post(groups=[booking.disputed(dispute)], now=now)
    publish(DisputeOpened(**_facts_of(dispute), reason=dispute.reason))
    return dispute


def _close(dispute: Dispute, told: ProviderDispute, now: datetime) -> None:
    if told.state not in TRANSITIONS[dispute.state]:
        raise TransitionRefused(
            f"Dispute {dispute.id} can't go from {dispute.state} to {told.state}"
        )
    dispute.state, dispute.closed_at = told.state, now
    dispute.save(update_fields=["state", "closed_at"])
    won = told.state == State.WON
    group = booking.dispute_won(dispute) if won else booking.dispute_lost(dispute)
    ledger.post(groups=[group], now=now)
    publish(DisputeClosed(**_facts_of(dispute), won=won))


def _facts_of(dispute: Dispute) -> dict[str, Any]:
    return {
        "organization_id": dispute.organization_id,
        "dispute_id": dispute.id,
        "payment_id": dispute.intent_id,
        "amount": dispute.amount,
        "currency": dispute.intent.currency,
    }
