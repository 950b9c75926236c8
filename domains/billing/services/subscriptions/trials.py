"""Trials: told of before they end, extended by staff, and over without anything to pay with."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from domains.billing.contract.subscriptions import (
    NoSubscription,
    SubscriptionStateRefuses,
    TrialExtended,
    TrialWillEnd,
)
from domains.billing.models import Subscription, SubscriptionState
from domains.billing.services.customers import lock_customer
from domains.billing.services.payments import methods, providers
from domains.billing.services.subscriptions import loading
from domains.billing.services.subscriptions.ending import find_live
from kernel.db import transaction
from kernel.events import publish

TOLD_BEFORE = timedelta(days=3)  # as Stripe does
TOLD_AT_ONCE = 500
NOTHING_TO_PAY_WITH = "The trial ended without a payment method."


def without_method(rows: Iterable[Subscription]) -> set[UUID]:
    """Return which of the trials have nothing to be paid with, where that is needed."""
    trials = [row for row in rows if row.state == SubscriptionState.TRIALING]
    if not trials or not providers.takes_money():
        return set()
    usable = methods.defaults_of(organization_ids={row.organization_id for row in trials})
    return {row.id for row in trials if row.organization_id not in usable}


def extend(*, organization_id: UUID, until: datetime, now: datetime) -> None:
    """Have the organization's trial end later, by staff; what the trial ends with is as it was.

    Raises `NoSubscription`, and `SubscriptionStateRefuses` if it is not on trial, or would end
    earlier.
    """
    with transaction("billing"):
        lock_customer(organization_id=organization_id, now=now)
        row = find_live(organization_id=organization_id)
        if row is None:
            raise NoSubscription
        if row.state != SubscriptionState.TRIALING or until <= row.period_end:
            raise SubscriptionStateRefuses("Only a trial is extended.", state=row.state)
        row.trial_end = row.period_end = row.renews_at = row.anchor_at = until
        row.trial_told_at = None
        row.version += 1
        row.save()
        row.changes.filter(state="scheduled").update(due_at=until)
        publish(
            TrialExtended(organization_id=organization_id, subscription_id=row.id, trial_end=until)
        )


def tell_of_ends(*, now: datetime) -> int:
    """Tell of the trials that end within three days, each once; return how many."""
    with transaction("billing"):
        soon = Subscription.objects.everywhere().filter(
            state=SubscriptionState.TRIALING,
            trial_end__lte=now + TOLD_BEFORE,
            trial_told_at=None,
        )
        rows = list(soon.select_for_update(skip_locked=True)[:TOLD_AT_ONCE])
        ids = [row.id for row in rows]
        Subscription.objects.everywhere().filter(id__in=ids).update(trial_told_at=now)
        runs = loading.load(rows)
        publish(*(_event(row, runs[row.id].plan.price.product) for row in rows))
    return len(rows)


def _event(row: Subscription, plan: str) -> TrialWillEnd:
    return TrialWillEnd(
        organization_id=row.organization_id,
        subscription_id=row.id,
        plan=plan,
        trial_end=row.period_end,
        account_id=row.account_id,
    )
