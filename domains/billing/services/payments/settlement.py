"""The last step of a payment: the provider's answer, under the lock of whom it concerns."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from domains.billing.contract.events import PaymentFailed
from domains.billing.models import (
    Dunning,
    Invoice,
    InvoiceState,
    PaymentIntent,
    PaymentState,
)
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
        elif intent.is_open and not intent.reference:
            intent.reference = charge.reference
            intent.save(update_fields=["reference"])
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
        follow_success(intent, now=now)
    elif not intent.is_open:
        _tell_failure(intent, now)
        paying.on_failed(intent=intent, now=now)


def follow_success(intent: PaymentIntent, *, now: datetime) -> None:
    """Do what money brings about, under the customer's lock: the invoice, the plan, the method."""
    if intent.invoice_id is not None:
        _pay_invoice(intent, intent.invoice_id, now)
    if not intent.off_session:
        _keep_method(intent)
    paying.on_paid(intent=intent, now=now)


def _pay_invoice(intent: PaymentIntent, invoice_id: UUID, now: datetime) -> None:
    owner = intent.organization_id
    settling.record_payment(invoice_id=invoice_id, intent=intent, now=now)
    invoices = Invoice.objects.within(owner).filter(id=invoice_id)
    if not invoices.exclude(state=InvoiceState.PAID).exists():
        paid = Dunning.Outcome.PAID
        dunning.finish(organization_id=owner, invoice_id=invoice_id, outcome=paid, now=now)
    dunning.hurry(organization_id=owner, now=now)


def _keep_method(intent: PaymentIntent) -> None:
    """Pay from now on with what somebody just paid with."""
    used = methods.find(organization_id=intent.organization_id, reference=intent.payment_method)
    if used is not None and not used.is_default:
        methods.make_default(used)


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
