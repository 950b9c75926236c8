"""What is to happen to a subscription later: rows, of which a newer wish supersedes the older."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from domains.billing.contract.subscriptions import SubscriptionChangeWithdrawn
from domains.billing.models import ChangeState, ScheduledChange, Subscription
from kernel.events import publish
from kernel.ids import uuid7


def schedule(
    subscription: Subscription,
    *,
    kind: ScheduledChange.Kind,
    change: Mapping[str, Any],
    due_at: datetime,
    account_id: UUID | None,
    now: datetime,
) -> ScheduledChange:
    """Write down what is to happen; whatever was to happen before is superseded by it."""
    earlier = list(scheduled(subscription).values_list("id", flat=True))
    settled = {"state": ChangeState.SUPERSEDED, "settled_at": now}
    scheduled(subscription).update(**settled)
    row = ScheduledChange.objects.create(
        id=uuid7(),
        organization_id=subscription.organization_id,
        subscription=subscription,
        kind=kind,
        change=dict(change),
        account_id=account_id,
        due_at=due_at,
        created_at=now,
    )
    mine = ScheduledChange.objects.within(subscription.organization_id)
    mine.filter(id__in=earlier).update(successor=row)
    subscription.version += 1
    subscription.save(update_fields=["version"])
    return row


def withdraw(subscription: Subscription, *, now: datetime) -> bool:
    """Have nothing that was scheduled happen; return whether there was anything."""
    return bool(scheduled(subscription).update(state=ChangeState.WITHDRAWN, settled_at=now))


def scheduled(subscription: Subscription) -> QuerySet[ScheduledChange]:
    """Return what is to happen to the subscription."""
    mine = ScheduledChange.objects.within(subscription.organization_id)
    return mine.filter(subscription=subscription, state=ChangeState.SCHEDULED)


def due(subscriptions: Sequence[Subscription]) -> dict[UUID, ScheduledChange]:
    """Return by subscription what is to happen when its present period ends, or was before."""
    ends = {row.id: row.period_end for row in subscriptions}
    owners = {row.organization_id for row in subscriptions}
    rows = ScheduledChange.objects.within(*owners).filter(
        subscription__in=ends, state=ChangeState.SCHEDULED
    )
    return {row.subscription_id: row for row in rows if row.due_at <= ends[row.subscription_id]}


def settle(changes: Sequence[ScheduledChange], *, now: datetime) -> None:
    """Note that these happened."""
    owners = {row.organization_id for row in changes}
    if owners:
        rows = ScheduledChange.objects.within(*owners).filter(id__in=[row.id for row in changes])
        rows.update(state=ChangeState.APPLIED, settled_at=now)


def keep(subscription: Subscription, *, plan: str, account_id: UUID | None, now: datetime) -> None:
    """Withdraw what was to happen, and say so; nothing if there was nothing."""
    if not withdraw(subscription, now=now):
        return
    subscription.version += 1
    subscription.save(update_fields=["version"])
    publish(
        SubscriptionChangeWithdrawn(
            organization_id=subscription.organization_id,
            subscription_id=subscription.id,
            plan=plan,
            account_id=account_id,
        )
    )
