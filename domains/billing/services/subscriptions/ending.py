"""The end of a subscription: at once, or when its period ends; wished, or because nobody paid."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from domains.billing.contract.subscriptions import (
    SubscriptionCanceled,
    SubscriptionExpired,
    SubscriptionUnpaid,
)
from domains.billing.models import (
    ENDED_STATES,
    OPEN_STATES,
    SERVED_STATES,
    Customer,
    Invoice,
    PaymentIntent,
    PaymentState,
    Subscription,
    SubscriptionItem,
    SubscriptionState,
)
from domains.billing.services.catalogue import FREE
from domains.billing.services.customers import lock_customer
from domains.billing.services.invoicing.drafting import LineInput
from domains.billing.services.profile import forget_profile
from domains.billing.services.subscriptions import (
    activation,
    charging,
    loading,
    owing,
    quoting,
    scheduling,
)
from domains.billing.services.subscriptions.items import Run
from domains.billing.services.subscriptions.states import move
from kernel.db import transaction
from kernel.events import publish
from kernel.jobs import ring

ERASED = "The organization was erased."
UNPAID = "unpaid"


def find_live(*, organization_id: UUID) -> Subscription | None:
    """Return the organization's subscription that has not ended; there is never more than one."""
    mine = Subscription.objects.within(organization_id)
    return mine.exclude(state__in=ENDED_STATES).first()


def find_begun(*, organization_id: UUID) -> Subscription | None:
    """Return the same, but for one that still waits for its first payment."""
    live = find_live(organization_id=organization_id)
    return None if live is None or live.state == SubscriptionState.INCOMPLETE else live


def end_now(
    customer: Customer,
    subscription: Subscription,
    *,
    reason: str,
    give_back: bool,
    now: datetime,
) -> Invoice | None:
    """End the subscription of the locked customer; return the invoice for what was left to charge.

    `give_back`: what was paid for time that is left becomes the customer's credit, and what was
    not paid for it is owed no more.
    """
    run = loading.load_one(subscription, at=now)
    lines = last_lines(subscription, run, give_back=give_back, now=now)
    close(subscription, SubscriptionState.CANCELED, reason=reason, now=now)
    activation.fall_to_free(customer, now=now)
    publish(
        SubscriptionCanceled(
            organization_id=subscription.organization_id,
            subscription_id=subscription.id,
            plan=run.plan.price.product,
            reason=reason,
        )
    )
    return charging.charge(customer, subscription, lines=lines, cause=Invoice.Cause.END, now=now)


def last_lines(
    subscription: Subscription, run: Run, *, give_back: bool, now: datetime
) -> tuple[LineInput, ...]:
    """Return what the end, or a pause, charges and credits: nothing where nothing was in force.

    What is credited of open invoices, whose money never came, is credited here.
    """
    if subscription.state not in SERVED_STATES:
        return ()
    if give_back:
        owed = loading.owed_after(subscription, run, at=now)
        owing.take_down(subscription, run, owed, at=now, now=now)
        run = owing.without_owed(run, owed)
    owners = {subscription.id: subscription.organization_id}
    return quoting.end(
        run,
        at=now,
        used=loading.used_until({subscription.id: run}, owners, at=now),
        pending=loading.pending_of(subscription),
        give_back=give_back,
    )


def close(
    subscription: Subscription, state: SubscriptionState, *, reason: str = "", now: datetime
) -> None:
    """Move the subscription into a state that ends it, with its items and what was to happen."""
    move(subscription, state, now=now)
    subscription.cancel_reason, subscription.pending = reason[:200], []
    subscription.version += 1
    subscription.save()
    mine = SubscriptionItem.objects.within(subscription.organization_id)
    mine.filter(subscription=subscription, ended_at=None).update(ended_at=now)
    scheduling.withdraw(subscription, now=now)


def expire(subscription: Subscription, *, plan: str, now: datetime) -> None:
    """Give up a subscription whose first payment never came; under the customer's lock."""
    close(subscription, SubscriptionState.EXPIRED, now=now)
    publish(
        SubscriptionExpired(
            organization_id=subscription.organization_id,
            subscription_id=subscription.id,
            plan=plan,
        )
    )


def end_unpaid(*, subscription: Subscription, policy: str, now: datetime) -> None:
    """Do with a subscription that is past due what is done when nothing more is tried.

    Under the customer's lock. The policy is one of DUNNING_END: `unpaid` keeps it until it is paid
    after all, `cancel` and `downgrade` end it, which leaves the organization on `free`.
    """
    if subscription.state != SubscriptionState.PAST_DUE:
        return
    customer = lock_customer(organization_id=subscription.organization_id, now=now)
    plan = customer.plan
    if policy != UNPAID:
        end_now(customer, subscription, reason="It was not paid.", give_back=False, now=now)
        return
    move(subscription, SubscriptionState.UNPAID, now=now)
    subscription.renews_at = None
    subscription.version += 1
    subscription.save()
    scheduling.withdraw(subscription, now=now)
    activation.fall_to_free(customer, now=now)
    publish(
        SubscriptionUnpaid(
            organization_id=subscription.organization_id,
            subscription_id=subscription.id,
            plan=plan,
        )
    )


def end_with_organization(*, organization_id: UUID, now: datetime) -> None:
    """End the plan of an organization that was erased, and give up a payment that waits.

    Repeatable. A payment that is being carried out ends as it does, but puts no plan into force.
    Payments and invoices stay: books must be kept for years. What it used, held and paid
    with is deleted by jobs.
    """
    with transaction("billing"):
        customer = lock_customer(organization_id=organization_id, now=now)
        if subscription := find_live(organization_id=organization_id):
            waits = subscription.state == SubscriptionState.INCOMPLETE
            ended = SubscriptionState.EXPIRED if waits else SubscriptionState.CANCELED
            close(subscription, ended, reason=ERASED, now=now)
        customer.plan, customer.activated_at = FREE, None
        customer.ended_at = customer.ended_at or now
        customer.save(update_fields=["plan", "activated_at", "ended_at"])
        forget_profile(customer)
        payments = PaymentIntent.objects.within(organization_id)
        waiting = payments.filter(state=PaymentState.REQUIRES_ACTION)
        waiting.update(expires_at=now, due_at=now)
        ring("billing.forget_usage", str(organization_id))
        ring("billing.forget_methods", str(organization_id))
        payments.exclude(state__in=OPEN_STATES).update(payment_method="")
