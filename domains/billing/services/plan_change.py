"""Changing an organization's plan, and paying for it first if it has a price."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domains.billing.contract import (
    SUBSCRIPTION_WRITE,
    PaymentDeclined,
    PaymentInProgress,
    PaymentMethodRequired,
    PaymentMethodUnknown,
)
from domains.billing.models import PaymentIntent, PaymentState
from domains.billing.services import catalogue
from domains.billing.services.activation import activate, lock_subscription
from domains.billing.services.payments import intents, providers
from domains.billing.services.payments.port import UNKNOWN_METHOD
from domains.billing.services.subscriptions import (
    PendingPayment,
    SubscriptionState,
    get_subscription,
)
from kernel.db import transaction
from kernel.errors import DomainError, Forbidden
from kernel.preconditions import ANY, Precondition
from kernel.principal import Principal

METHOD = "/payment_method"


@dataclass(frozen=True, kw_only=True)
class _Change:
    organization_id: UUID
    account_id: UUID
    plan: catalogue.Plan
    payment_method: str

    def is_paid_by(self, payment: PendingPayment) -> bool:
        wanted = (self.plan.name, self.payment_method)
        return payment.next_action is not None and wanted == (payment.plan, payment.payment_method)


def change_plan(
    *,
    principal: Principal,
    plan: str,
    payment_method: str | None,
    expected: Precondition = ANY,
    now: datetime,
) -> SubscriptionState:
    """Put the current organization on the plan, paid at its catalogue price; return what is then.

    The plan in force is left alone. A payment that needs the customer's confirmation is returned
    as pending; asked anything else meanwhile, it is given up. Raises `PlanUnknown`,
    `PaymentMethodRequired`, `PaymentMethodUnknown`, `PaymentDeclined`, `PaymentInProgress`,
    `PaymentsNotConfigured`, `PaymentProviderUnavailable`, `PreconditionFailed` and `Forbidden`.
    """
    principal.require(SUBSCRIPTION_WRITE)
    change = _to_change(principal, plan, payment_method)
    expected = _give_up_unconfirmed(change, expected, now)
    if change.plan.is_free:
        _switch(change, expected, now)
    else:
        _buy(change, expected, now)
    return get_subscription(organization_id=change.organization_id)


def _to_change(principal: Principal, plan: str, payment_method: str | None) -> _Change:
    if principal.account_id is None:
        raise Forbidden("A plan is changed by somebody's account.")
    wanted = catalogue.get_plan(plan)
    if not wanted.is_free and not payment_method:
        raise PaymentMethodRequired(pointer=METHOD)
    if not wanted.is_free:
        providers.current()  # no intent is written where nobody could ever carry it out
    return _Change(
        organization_id=principal.organization_id,
        account_id=principal.account_id,
        plan=wanted,
        payment_method=payment_method or "",
    )


def _give_up_unconfirmed(change: _Change, expected: Precondition, now: datetime) -> Precondition:
    current = get_subscription(organization_id=change.organization_id)
    pending = current.pending_payment
    if pending is None or pending.next_action is None or change.is_paid_by(pending):
        return expected
    expected.check(current.tag)
    intents.withdraw(organization_id=change.organization_id, intent_id=pending.id, now=now)
    if expected == ANY:
        return ANY
    return Precondition(frozenset({current.without_pending_payment().tag}))


def _is_due(change: _Change, expected: Precondition) -> bool:
    """Return whether there is anything to do, under the subscription's lock."""
    current = get_subscription(organization_id=change.organization_id)
    expected.check(current.tag)
    pending = current.pending_payment
    if pending is None:
        return current.plan != change.plan.name
    if change.is_paid_by(pending):
        return False
    raise PaymentInProgress("Look at the subscription again in a moment.")


def _switch(change: _Change, expected: Precondition, now: datetime) -> None:
    with transaction("billing"):
        subscription = lock_subscription(organization_id=change.organization_id, now=now)
        if _is_due(change, expected):
            activate(subscription, plan=change.plan.name, account_id=change.account_id, now=now)


def _buy(change: _Change, expected: Precondition, now: datetime) -> None:
    intent = _open_intent(change, expected, now)
    if intent is None:
        return
    intent = intents.carry_out(organization_id=change.organization_id, intent_id=intent.id, now=now)
    if intent.state == PaymentState.FAILED:
        raise _failure_of(intent)


def _open_intent(change: _Change, expected: Precondition, now: datetime) -> PaymentIntent | None:
    with transaction("billing", final=False):
        lock_subscription(organization_id=change.organization_id, now=now)
        if not _is_due(change, expected):
            return None
        return intents.open_intent(
            organization_id=change.organization_id,
            account_id=change.account_id,
            plan=change.plan,
            payment_method=change.payment_method,
            now=now,
        )


def _failure_of(intent: PaymentIntent) -> DomainError:
    if intent.reason == UNKNOWN_METHOD:
        return PaymentMethodUnknown(pointer=METHOD)
    words = intent.reason.replace("_", " ")
    return PaymentDeclined(f"The provider says: {words}.", pointer=METHOD, reason=intent.reason)
