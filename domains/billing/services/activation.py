"""Bringing a plan into force, and the lock under which all of it happens."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from functools import partial
from uuid import UUID

from domains.billing.contract import Entitlements, EntitlementsChanged, SubscriptionActivated
from domains.billing.models import Subscription
from domains.billing.services import catalogue
from domains.billing.services.entitlements import entitlements_of
from kernel import facts
from kernel.db import run_after_commit
from kernel.events import publish

RATE_FACT_SECONDS = 60


def lock_subscription(*, organization_id: UUID, now: datetime) -> Subscription:
    """Return the organization's row, locked until the transaction ends; made, if it has none."""
    rows = Subscription.objects.within(organization_id).select_for_update()
    found = rows.first()
    if found is None:
        new = Subscription(organization_id=organization_id, plan=catalogue.FREE, created_at=now)
        Subscription.objects.bulk_create([new], ignore_conflicts=True)
        found = rows.get()
    return found


def activate(subscription: Subscription, *, plan: str, account_id: UUID, now: datetime) -> None:
    """Put the locked subscription on the plan, and say so; nothing once it has ended."""
    if subscription.ended_at is not None:
        return
    allowed = entitlements_of(subscription.organization_id, plan=plan)
    subscription.plan, subscription.activated_at = plan, now
    subscription.save(update_fields=["plan", "activated_at"])
    publish(
        SubscriptionActivated(
            organization_id=subscription.organization_id, plan=plan, account_id=account_id
        ),
        EntitlementsChanged(**asdict(allowed)),
    )
    run_after_commit("billing", partial(_tell_gateway, allowed))


def _tell_gateway(allowed: Entitlements) -> None:
    rate = str(allowed.requests_per_minute)
    facts.put(f"plan-rate:{allowed.organization_id}", rate, ttl=RATE_FACT_SECONDS)
