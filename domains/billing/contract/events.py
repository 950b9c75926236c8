"""What happened in billing."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from kernel.events import event
from kernel.privacy.records import Erased


@event("billing.subscription_activated.v1", aggregate="organization_id")
@dataclass(frozen=True, kw_only=True)
class SubscriptionActivated:
    """A plan came into force, paid if it has a price; `account_id` had asked for it."""

    organization_id: UUID
    plan: str
    account_id: UUID


@event("billing.payment_failed.v1", aggregate="organization_id")
@dataclass(frozen=True, kw_only=True)
class PaymentFailed:
    """The payment for a plan was declined; the plan in force is what it was."""

    organization_id: UUID
    plan: str
    account_id: UUID
    reason: str


@event("billing.entitlements_changed.v1", aggregate="organization_id")
@dataclass(frozen=True, kw_only=True)
class EntitlementsChanged:
    """From now on the organization is allowed this."""

    organization_id: UUID
    plan: str
    seats: int
    storage_bytes: int
    requests_per_minute: int
    audit_retention_days: int = 30


@event("billing.person_erased.v1", aggregate="account_id")
@dataclass(frozen=True, kw_only=True)
class PersonErased:
    """What billing erased of a person, made anonymous, or must keep and why."""

    account_id: UUID
    items: tuple[Erased, ...]
