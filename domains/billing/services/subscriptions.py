"""What an organization is subscribed to, as it is shown."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from domains.billing.contract import SUBSCRIPTION_READ
from domains.billing.models import PaymentIntent, PaymentState, Subscription
from domains.billing.services import catalogue
from domains.billing.services.payments import intents, providers
from kernel.preconditions import entity_tag
from kernel.principal import Principal

CONFIRM = "confirm_with_provider"


class Status(StrEnum):
    """Whether the plan in force is what was last asked for."""

    ACTIVE = "active"
    INCOMPLETE = "incomplete"


@dataclass(frozen=True, kw_only=True)
class NextAction:
    """What the customer has to do; `reference` is the charge's id at the provider."""

    type: str
    provider: str
    reference: str


@dataclass(frozen=True, kw_only=True)
class PendingPayment:
    """A payment whose end isn't known yet. It has a next action if it is the customer's turn."""

    id: UUID
    plan: str
    price: catalogue.Price
    payment_method: str
    state: PaymentState
    next_action: NextAction | None
    expires_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class SubscriptionState:
    """The plan in force since `activated_at`, and the payment that would change it."""

    organization_id: UUID
    plan: str
    activated_at: datetime | None
    pending_payment: PendingPayment | None

    @property
    def status(self) -> Status:
        """Incomplete until the first payment of an organization without a paid plan is there."""
        unpaid = self.pending_payment is not None and self.plan == catalogue.FREE
        return Status.INCOMPLETE if unpaid else Status.ACTIVE

    @property
    def tag(self) -> str:
        """The entity tag: another one as soon as anything shown is another."""
        pending = self.pending_payment
        waiting = (pending.id, pending.state) if pending else ()
        return entity_tag(self.organization_id, self.plan, self.activated_at, *waiting)

    def without_pending_payment(self) -> SubscriptionState:
        """Return how it would be had the payment not been asked for."""
        return replace(self, pending_payment=None)


def get_own_subscription(*, principal: Principal) -> SubscriptionState:
    """Return the current organization's subscription; raise `Forbidden` to who may not see it."""
    principal.require(SUBSCRIPTION_READ)
    return get_subscription(organization_id=principal.organization_id)


def get_subscription(*, organization_id: UUID) -> SubscriptionState:
    """Return the organization's subscription: `free` if it never had another."""
    row = Subscription.objects.within(organization_id).first()
    intent = intents.find_open(organization_id=organization_id)
    return SubscriptionState(
        organization_id=organization_id,
        plan=row.plan if row else catalogue.FREE,
        activated_at=row.activated_at if row else None,
        pending_payment=_to_pending_payment(intent) if intent else None,
    )


def _to_pending_payment(intent: PaymentIntent) -> PendingPayment:
    return PendingPayment(
        id=intent.id,
        plan=intent.plan,
        price=catalogue.Price(amount=intent.amount, currency=intent.currency),
        payment_method=intent.payment_method,
        state=PaymentState(intent.state),
        next_action=_next_action_of(intent),
        expires_at=intent.expires_at,
    )


def _next_action_of(intent: PaymentIntent) -> NextAction | None:
    if intent.state != PaymentState.REQUIRES_ACTION:
        return None
    provider = providers.current().name
    return NextAction(type=CONFIRM, provider=provider, reference=intent.reference)
