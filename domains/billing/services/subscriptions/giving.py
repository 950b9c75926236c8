"""Plans that staff give away."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from domains.billing.contract.errors import PaymentInProgress
from domains.billing.contract.subscriptions import PlanGiven
from domains.billing.models import Customer, ScheduledChange, Subscription, SubscriptionState
from domains.billing.services.arithmetic import Period
from domains.billing.services.catalogue import FREE
from domains.billing.services.customers import lock_customer
from domains.billing.services.subscriptions import activation, ending, scheduling
from domains.billing.services.subscriptions.applying import write_items
from domains.billing.services.subscriptions.items import Schedule
from domains.billing.services.subscriptions.quotes import to_quoted
from domains.billing.services.subscriptions.wishes import Target, Wish, resolve
from kernel.db import transaction
from kernel.events import publish
from kernel.ids import uuid7


def give_plan(
    *,
    organization_id: UUID,
    plan: str,
    account_id: UUID,
    until: datetime | None,
    reason: str,
    now: datetime,
) -> Subscription:
    """Put the organization on the plan for nothing, until the instant or until it chooses another.

    What it pays for now ends, and what is left of it becomes its credit. `account_id` is the
    staff's. Raises `PlanUnknown` and `PaymentInProgress`.
    """
    with transaction("billing"):
        customer = lock_customer(organization_id=organization_id, now=now)
        target = resolve(Wish(plan=plan), run=None, seats=0, at=now)
        live = ending.find_live(organization_id=organization_id)
        if live is not None and live.state == SubscriptionState.INCOMPLETE:
            raise PaymentInProgress("The organization is just paying for a plan.")
        if live is not None:
            ending.end_now(customer, live, reason=reason, give_back=True, now=now)
        row = _begin(customer, target, until=until, account_id=account_id, now=now)
        write_items(row, tuple(to_quoted(item) for item in target.items), at=now)
        if until is not None:
            _ends(row, account_id, reason, now)
        activation.activate(customer, plan=plan, account_id=account_id, now=now)
        publish(
            PlanGiven(
                organization_id=organization_id,
                subscription_id=row.id,
                plan=plan,
                until=until,
                account_id=account_id,
                reason=reason,
            )
        )
        return row


def _begin(
    customer: Customer, target: Target, *, until: datetime | None, account_id: UUID, now: datetime
) -> Subscription:
    schedule = Schedule(anchor=now, interval=target.interval, time_zone=customer.time_zone)
    period = Period(start=now, end=until) if until else schedule.period_from(now)
    return Subscription.objects.create(
        id=uuid7(),
        organization_id=customer.organization_id,
        state=SubscriptionState.ACTIVE,
        currency=customer.currency or target.items[0].price.currency,
        account_id=account_id,
        time_zone=schedule.time_zone,
        anchor_at=now,
        interval_unit=target.interval.unit,
        interval_count=target.interval.count,
        period_start=now,
        period_end=period.end,
        renews_at=period.end,
        comped=True,
        created_at=now,
    )


def _ends(row: Subscription, account_id: UUID, reason: str, now: datetime) -> None:
    scheduling.schedule(
        row,
        kind=ScheduledChange.Kind.CANCEL,
        change={"plan": FREE, "reason": reason[:200]},
        due_at=row.period_end,
        account_id=account_id,
        now=now,
    )
