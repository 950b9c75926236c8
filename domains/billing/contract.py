"""What billing says: its data, permissions, errors and events, in words that anyone may import."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from kernel.errors import Conflict, Invalid, Unavailable
from kernel.events import event
from kernel.permissions import EVERYBODY, Permission, Role
from kernel.privacy.records import Erased

LISTENS_TO: tuple[str, ...] = ("auth.account_erased.v1", "users.organization_erased.v1")

SUBSCRIPTION_READ = Permission(
    "billing.subscription:read", "See the plan and what it allows", roles=EVERYBODY
)
SUBSCRIPTION_WRITE = Permission(
    "billing.subscription:write", "Change and pay for the plan", roles=(Role.OWNER, Role.ADMIN)
)


@dataclass(frozen=True, kw_only=True)
class Entitlements:
    """What an organization's plan allows it."""

    organization_id: UUID
    plan: str
    seats: int
    storage_bytes: int
    requests_per_minute: int
    audit_retention_days: int = 30


class PlanUnknown(Invalid):
    code = "billing.plan_unknown"
    title = "There is no such plan"


class PaymentMethodRequired(Invalid):
    code = "billing.payment_method_required"
    title = "This plan needs a payment method"


class PaymentMethodUnknown(Invalid):
    code = "billing.payment_method_unknown"
    title = "The payment provider doesn't know this payment method"


class PaymentDeclined(Invalid):
    """The member `reason` tells why, as far as the issuer said."""

    code = "billing.payment_declined"
    title = "The payment was declined"


class PaymentInProgress(Conflict):
    """It is over in a moment; `retry_after` is in seconds."""

    code = "billing.payment_in_progress"
    title = "A payment for this organization is in progress"
    retry_after = 1


class PaymentsNotConfigured(Conflict):
    """Plans with a price can't be bought here: PAYMENT_PROVIDER names nobody."""

    code = "billing.payments_not_configured"
    title = "No payments are taken here"


class PaymentProviderUnavailable(Unavailable):
    """The payment is tried again; asking again meanwhile charges nothing more."""

    code = "billing.payment_provider_unavailable"
    title = "The payment provider can't be reached"


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
