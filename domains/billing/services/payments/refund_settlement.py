"""What the provider says of a refund, written down under the customer's lock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import F

from domains.billing.contract.payment_events import PaymentRefunded, RefundFailed
from domains.billing.models import PaymentIntent, Refund, RefundState
from domains.billing.services.customers import lock_customer
from domains.billing.services.invoicing import booking, ledger
from domains.billing.services.payments.port import ProviderRefund
from domains.billing.services.payments.states import TransitionRefused
from kernel.db import transaction
from kernel.events import publish

# A bank may return what the provider has sent already.
TRANSITIONS: Mapping[RefundState, frozenset[RefundState]] = {
    RefundState.PENDING: frozenset({RefundState.SUCCEEDED, RefundState.FAILED}),
    RefundState.SUCCEEDED: frozenset({RefundState.FAILED}),
    RefundState.FAILED: frozenset(),
}


def settle(refund: Refund, told: ProviderRefund, *, now: datetime) -> Refund:
    """Bring the refund into the state that the provider tells; nothing if it is in it.

    Raises `TransitionRefused`.
    """
    with transaction("billing"):
        lock_customer(organization_id=refund.organization_id, now=now)
        refund.refresh_from_db()
        if told.state != refund.state:
            _move(refund, told, now)
        elif not refund.reference:
            refund.reference = told.reference
            refund.save(update_fields=["reference"])
    return refund


def _move(refund: Refund, told: ProviderRefund, now: datetime) -> None:
    before = RefundState(refund.state)
    if told.state not in TRANSITIONS[before]:
        raise TransitionRefused(f"Refund {refund.id} can't go from {before} to {told.state}")
    refund.state, refund.reference, refund.settled_at = told.state, told.reference, now
    refund.save(update_fields=["state", "reference", "settled_at"])
    if told.state == RefundState.SUCCEEDED:
        ledger.post(groups=[booking.refunded(refund)], now=now)
        publish(PaymentRefunded(**_facts_of(refund)))
    else:
        _give_back(refund, was_sent=before == RefundState.SUCCEEDED, now=now)
        publish(RefundFailed(**_facts_of(refund), reason=told.reason))


def _give_back(refund: Refund, *, was_sent: bool, now: datetime) -> None:
    rows = PaymentIntent.objects.within(refund.organization_id).filter(id=refund.intent_id)
    rows.update(refunded=F("refunded") - refund.amount)
    group = booking.refund_returned(refund) if was_sent else booking.refund_failed(refund)
    ledger.post(groups=[group], now=now)


def _facts_of(refund: Refund) -> dict[str, Any]:
    return {
        "organization_id": refund.organization_id,
        "refund_id": refund.id,
        "payment_id": refund.intent_id,
        "amount": refund.amount,
        "currency": refund.intent.currency,
    }
