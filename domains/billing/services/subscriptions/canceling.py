"""Canceling and pausing a subscription, and taking that back."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from domains.billing.contract.errors import PaymentInProgress
from domains.billing.contract.permissions import SUBSCRIPTION_WRITE
from domains.billing.contract.subscriptions import (
    NoSubscription,
    ResumptionInvalid,
    SubscriptionChangeScheduled,
    SubscriptionPaused,
    SubscriptionStateRefuses,
)
from domains.billing.models import (
    Customer,
    Invoice,
    ScheduledChange,
    Subscription,
    SubscriptionState,
)
from domains.billing.services.catalogue import FREE
from domains.billing.services.customers import lock_customer
from domains.billing.services.subscriptions import (
    activation,
    charging,
    ending,
    loading,
    renewal,
    restarting,
    scheduling,
)
from domains.billing.services.subscriptions.applying import write_items
from domains.billing.services.subscriptions.quotes import to_quoted
from domains.billing.services.subscriptions.reading import SubscriptionView, get_subscription
from domains.billing.services.subscriptions.states import move
from kernel.db import transaction
from kernel.events import publish
from kernel.preconditions import ANY, Precondition
from kernel.principal import Principal

# What has nothing paid left of it ends at once, whenever it is wished.
_ENDS_AT_ONCE = (
    SubscriptionState.PAUSED,
    SubscriptionState.UNPAID,
)


def cancel(
    *,
    principal: Principal,
    at_once: bool,
    reason: str,
    expected: Precondition = ANY,
    now: datetime,
) -> SubscriptionView:
    """End the current organization's plan when its period ends, or at once; return what is then.

    At once, what is left of the paid time becomes the organization's credit, and what is left of
    time that was not paid is owed no more. Repeatable. Raises `NoSubscription`,
    `PaymentInProgress`, `PreconditionFailed` and `Forbidden`.
    """
    principal.require(SUBSCRIPTION_WRITE)
    organization_id = principal.organization_id
    renewal.catch_up(organization_id=organization_id, now=now)
    with transaction("billing"):
        customer, subscription = _locked(organization_id, expected, now)
        cancel_live(
            customer,
            subscription,
            at_once=at_once,
            reason=reason,
            account_id=principal.account_id,
            now=now,
        )
    return get_subscription(organization_id=organization_id)


def cancel_live(
    customer: Customer,
    subscription: Subscription,
    *,
    at_once: bool,
    reason: str,
    account_id: UUID | None,
    now: datetime,
) -> None:
    """Cancel the subscription of the locked customer."""
    at_once = at_once or subscription.state in _ENDS_AT_ONCE or subscription.comped
    if at_once:
        ending.end_now(customer, subscription, reason=reason, give_back=True, now=now)
        return
    scheduling.schedule(
        subscription,
        kind=ScheduledChange.Kind.CANCEL,
        change={"plan": FREE, "reason": reason[:200]},
        due_at=subscription.period_end,
        account_id=account_id,
        now=now,
    )
    publish(
        SubscriptionChangeScheduled(
            organization_id=subscription.organization_id,
            subscription_id=subscription.id,
            plan=FREE,
            due_at=subscription.period_end,
            account_id=account_id,
        )
    )


def keep(*, principal: Principal, expected: Precondition = ANY, now: datetime) -> SubscriptionView:
    """Have the current organization's plan go on: nothing that was scheduled happens.

    Raises `NoSubscription`, `PaymentInProgress`, `PreconditionFailed` and `Forbidden`.
    """
    principal.require(SUBSCRIPTION_WRITE)
    organization_id = principal.organization_id
    renewal.catch_up(organization_id=organization_id, now=now)
    with transaction("billing"):
        customer, subscription = _locked(organization_id, expected, now)
        scheduling.keep(subscription, plan=customer.plan, account_id=principal.account_id, now=now)
    return get_subscription(organization_id=organization_id)


def pause(
    *,
    principal: Principal,
    resumes_at: datetime | None,
    expected: Precondition = ANY,
    now: datetime,
) -> SubscriptionView:
    """Put the current organization's active plan out of force until it is resumed, or until then.

    What is left of the paid time becomes the organization's credit; with what resumes, a period
    begins. Raises `ResumptionInvalid`, `SubscriptionStateRefuses`, `NoSubscription`,
    `PaymentInProgress`, `PreconditionFailed` and `Forbidden`.
    """
    principal.require(SUBSCRIPTION_WRITE)
    organization_id = principal.organization_id
    if resumes_at is not None and resumes_at <= now:
        raise ResumptionInvalid(pointer="/resumes_at")
    renewal.catch_up(organization_id=organization_id, now=now)
    with transaction("billing"):
        customer, subscription = _locked(organization_id, expected, now)
        if subscription.state != SubscriptionState.ACTIVE or subscription.comped:
            raise SubscriptionStateRefuses(
                "Only a plan that is active and paid can be paused.", state=subscription.state
            )
        _pause(customer, subscription, resumes_at, now)
    return get_subscription(organization_id=organization_id)


def _pause(
    customer: Customer, subscription: Subscription, resumes_at: datetime | None, now: datetime
) -> None:
    run = loading.load_one(subscription, at=now)
    lines = ending.last_lines(subscription, run, give_back=True, now=now)
    move(subscription, SubscriptionState.PAUSED, now=now)
    scheduling.withdraw(subscription, now=now)
    subscription.paused_at, subscription.pending = now, []
    subscription.resumes_at = subscription.renews_at = resumes_at
    subscription.version += 1
    subscription.save()
    waiting = tuple(to_quoted(item) for item in restarting.begun_anew(run.items, at=now))
    write_items(subscription, waiting, at=now)
    activation.fall_to_free(customer, now=now)
    publish(
        SubscriptionPaused(
            organization_id=subscription.organization_id,
            subscription_id=subscription.id,
            plan=run.plan.price.product,
            resumes_at=resumes_at,
        )
    )
    charging.charge(customer, subscription, lines=lines, cause=Invoice.Cause.CHANGE, now=now)


def _locked(
    organization_id: UUID, expected: Precondition, now: datetime
) -> tuple[Customer, Subscription]:
    customer = lock_customer(organization_id=organization_id, now=now)
    current = get_subscription(organization_id=organization_id)
    expected.check(current.tag)
    if current.pending_payment is not None:
        raise PaymentInProgress("Look at the subscription again in a moment.")
    subscription = ending.find_live(organization_id=organization_id)
    if subscription is None:
        raise NoSubscription
    return customer, subscription
