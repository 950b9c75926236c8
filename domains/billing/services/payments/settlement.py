"""The last step of a payment: the provider's answer, under the lock of whom it concerns."""

from __future__ import annotations

from datetime import datetime, timedelta

from domains.billing.contract.events import PaymentFailed
from domains.billing.models import PaymentIntent, PaymentState
from domains.billing.services.customers import lock_customer
from domains.billing.services.invoicing import settling
from domains.billing.services.payments import dunning, methods
from domains.billing.services.payments.declines import is_hard
from domains.billing.services.payments.port import UNKNOWN_METHOD, Charge
from domains.billing.services.payments.states import STATE_AFTER, move
from domains.billing.services.subscriptions import paying
from kernel.db import transaction
from kernel.events import publish

NOT_CONFIRMED = "not_confirmed"
CONFIRM_WITHIN = timedelta(hours=23)  # what Stripe gives a pending update


def settle(intent: PaymentIntent, charge: Charge, *, now: datetime, final: bool) -> PaymentIntent:
    """Write down what has become of the payment, and what follows from it; return it."""
    with transaction("billing", final=final):
        lock_customer(organization_id=intent.organization_id, now=now)
        intent.refresh_from_db()
        state = STATE_AFTER[charge.status]
        if intent.is_open and intent.state != state:
            _record(intent, state, charge, now)
            _follow_up(intent, now)
    return intent


def _record(intent: PaymentIntent, state: PaymentState, charge: Charge, now: datetime) -> None:
    move(intent, state)
    intent.reference, intent.reason = charge.reference, charge.reason
    intent.is_hard = is_hard(charge.reason)
    if intent.is_open:
        intent.expires_at = now + CONFIRM_WITHIN
    else:
        intent.settled_at = now
    intent.save()


def _follow_up(intent: PaymentIntent, now: datetime) -> None:
    if intent.state == PaymentState.SUCCEEDED:
        if intent.invoice_id is not None:
            settling.record_payment(invoice_id=intent.invoice_id, intent=intent, now=now)
        paying.on_paid(intent=intent, now=now)
    elif not intent.is_open:
        _tell_failure(intent, now)
        paying.on_failed(intent=intent, now=now)


def _tell_failure(intent: PaymentIntent, now: datetime) -> None:
    if intent.invoice is not None:
        method = methods.find(
            organization_id=intent.organization_id, reference=intent.payment_method
        )
        reason = intent.reason or NOT_CONFIRMED
        dunning.record_failure(invoice=intent.invoice, reason=reason, method=method, now=now)
    elif intent.account_id is not None and _is_decline(intent):
        publish(
            PaymentFailed(
                organization_id=intent.organization_id,
                plan=intent.plan,
                account_id=intent.account_id,
                reason=intent.reason,
            )
        )


def _is_decline(intent: PaymentIntent) -> bool:
    return intent.state == PaymentState.FAILED and intent.reason != UNKNOWN_METHOD
