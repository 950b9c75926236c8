"""A payment's way: its intent is written, the provider is asked, the answer is settled.

The three steps are three commits. A crash after any of them leaves an open intent, which the
sweep takes up; the intent's idempotency key keeps the charge from happening twice.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from domains.billing.contract import PaymentFailed
from domains.billing.models import (
    OPEN_STATES,
    ChargeStatus,
    PaymentIntent,
    PaymentState,
    Subscription,
)
from domains.billing.services.activation import activate, lock_subscription
from domains.billing.services.catalogue import Plan
from domains.billing.services.payments import providers
from domains.billing.services.payments.port import Charge, ChargeRequest
from domains.billing.services.payments.states import STATE_AFTER, move
from kernel.db import transaction
from kernel.events import publish

CONFIRM_WITHIN = timedelta(hours=23)  # what Stripe gives a pending update
LOOK_AGAIN_AFTER = timedelta(minutes=1)
SWEPT_AT_ONCE = 500


def find_open(*, organization_id: UUID) -> PaymentIntent | None:
    """Return the organization's open intent; there is never more than one."""
    mine = PaymentIntent.objects.within(organization_id)
    return mine.filter(state__in=OPEN_STATES).first()


def open_intent(
    *, organization_id: UUID, account_id: UUID, plan: Plan, payment_method: str, now: datetime
) -> PaymentIntent:
    """Write down that the plan's price is to be taken."""
    return PaymentIntent.objects.create(
        organization_id=organization_id,
        account_id=account_id,
        plan=plan.name,
        amount=plan.price.amount,
        currency=plan.price.currency,
        payment_method=payment_method,
        created_at=now,
        due_at=now + LOOK_AGAIN_AFTER,
    )


def carry_out(*, organization_id: UUID, intent_id: UUID, now: datetime) -> PaymentIntent:
    """Bring an open intent as far as the provider lets it; return it as it then stands.

    Safe to repeat, and at the same time as another. Raises `PaymentProviderUnavailable`.
    """
    intent = PaymentIntent.objects.within(organization_id).get(id=intent_id)
    if not intent.is_open:
        return intent
    return _settle(intent, _ask(intent, now), now=now, final=True)


def withdraw(*, organization_id: UUID, intent_id: UUID, now: datetime) -> None:
    """Give up a payment that waits for its confirmation, unless that was faster."""
    intent = PaymentIntent.objects.within(organization_id).get(id=intent_id)
    charge = providers.current().cancel(reference=intent.reference)
    _settle(intent, charge, now=now, final=False)


def claim_due(*, now: datetime) -> list[tuple[UUID, UUID]]:
    """Return the open intents (whose, and which) whose turn it is; give each its next turn."""
    with transaction("billing"):
        due = PaymentIntent.objects.everywhere().filter(state__in=OPEN_STATES, due_at__lte=now)
        chosen = due.order_by("due_at").select_for_update(skip_locked=True)[:SWEPT_AT_ONCE]
        claimed = list(chosen.values_list("organization_id", "id"))
        ids = [intent_id for _, intent_id in claimed]
        PaymentIntent.objects.everywhere().filter(id__in=ids).update(due_at=now + LOOK_AGAIN_AFTER)
    return claimed


def _ask(intent: PaymentIntent, now: datetime) -> Charge:
    provider = providers.current()
    if intent.state == PaymentState.PENDING:
        return provider.charge(_request_of(intent))
    if intent.expires_at is not None and intent.expires_at <= now:
        return provider.cancel(reference=intent.reference)
    return provider.fetch(reference=intent.reference)


def _request_of(intent: PaymentIntent) -> ChargeRequest:
    return ChargeRequest(
        idempotency_key=intent.idempotency_key,
        amount=intent.amount,
        currency=intent.currency,
        payment_method=intent.payment_method,
    )


def _settle(intent: PaymentIntent, charge: Charge, *, now: datetime, final: bool) -> PaymentIntent:
    with transaction("billing", final=final):
        subscription = lock_subscription(organization_id=intent.organization_id, now=now)
        intent.refresh_from_db()
        state = STATE_AFTER[charge.status]
        if intent.is_open and intent.state != state:
            _record(intent, state, charge, now)
            _follow_up(intent, subscription, charge, now)
    return intent


def _record(intent: PaymentIntent, state: PaymentState, charge: Charge, now: datetime) -> None:
    move(intent, state)
    intent.reference, intent.reason = charge.reference, charge.reason
    if intent.is_open:
        intent.expires_at = now + CONFIRM_WITHIN
    else:
        intent.settled_at = now
    intent.save()


def _follow_up(
    intent: PaymentIntent, subscription: Subscription, charge: Charge, now: datetime
) -> None:
    if charge.status == ChargeStatus.SUCCEEDED:
        activate(subscription, plan=intent.plan, account_id=intent.account_id, now=now)
    elif charge.status == ChargeStatus.DECLINED:
        publish(
            PaymentFailed(
                organization_id=intent.organization_id,
                plan=intent.plan,
                account_id=intent.account_id,
                reason=charge.reason,
            )
        )
