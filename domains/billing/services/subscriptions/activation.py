"""Bringing a plan into force, and taking it out."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from domains.billing.contract.events import SubscriptionActivated
from domains.billing.models import Customer
from domains.billing.services import entitlements
from domains.billing.services.catalogue import FREE
from kernel.events import publish


def activate(customer: Customer, *, plan: str, account_id: UUID, now: datetime) -> None:
    """Put the locked customer on the plan, and say so; nothing once it has ended."""
    if customer.ended_at is not None:
        return
    customer.plan, customer.activated_at = plan, now
    customer.save(update_fields=["plan", "activated_at"])
    publish(
        SubscriptionActivated(
            organization_id=customer.organization_id, plan=plan, account_id=account_id
        )
    )
    entitlements.announce(organization_id=customer.organization_id)


def fall_to_free(customer: Customer, *, now: datetime) -> None:
    """Put the locked customer, whose plan is no longer in force, on `free`."""
    if customer.ended_at is not None or customer.plan == FREE:
        return
    customer.plan, customer.activated_at = FREE, now
    customer.save(update_fields=["plan", "activated_at"])
    entitlements.announce(organization_id=customer.organization_id)
