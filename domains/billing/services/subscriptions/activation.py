"""Bringing a plan into force."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from functools import partial
from uuid import UUID

from domains.billing.contract.data import Entitlements
from domains.billing.contract.events import EntitlementsChanged, SubscriptionActivated
from domains.billing.models import Customer
from domains.billing.services.entitlements import entitlements_of
from kernel import facts
from kernel.db import run_after_commit
from kernel.events import publish

RATE_FACT_SECONDS = 60


def activate(customer: Customer, *, plan: str, account_id: UUID, now: datetime) -> None:
    """Put the locked customer on the plan, and say so; nothing once it has ended."""
    if customer.ended_at is not None:
        return
    allowed = entitlements_of(customer.organization_id, plan=plan)
    customer.plan, customer.activated_at = plan, now
    customer.save(update_fields=["plan", "activated_at"])
    publish(
        SubscriptionActivated(
            organization_id=customer.organization_id, plan=plan, account_id=account_id
        ),
        EntitlementsChanged(**asdict(allowed)),
    )
    run_after_commit("billing", partial(_tell_gateway, allowed))


def _tell_gateway(allowed: Entitlements) -> None:
    rate = str(allowed.requests_per_minute)
    facts.put(f"plan-rate:{allowed.organization_id}", rate, ttl=RATE_FACT_SECONDS)
