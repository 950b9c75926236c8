"""What an organization is subscribed to, as it is shown."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from domains.billing.contract.permissions import SUBSCRIPTION_READ
from domains.billing.models import (
    Customer,
    PaymentIntent,
    PaymentState,
    ScheduledChange,
    Subscription,
    SubscriptionState,
)
from domains.billing.services import catalogue
from domains.billing.services.arithmetic import Interval, Money, Period
from domains.billing.services.payments import intents, providers
from domains.billing.services.subscriptions import loading
from domains.billing.services.subscriptions.ending import find_live
from domains.billing.services.subscriptions.scheduling import scheduled
from domains.billing.services.subscriptions.wishes import add_ons_of
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
    price: Money
    payment_method: str
    state: PaymentState
    next_action: NextAction | None
    expires_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class UpcomingChange:
    """What happens to the subscription at `due_at`: it changes to the plan, or ends (`cancel`)."""

    kind: str
    plan: str
    due_at: datetime


@dataclass(frozen=True, kw_only=True)
class AddOn:
    """How many of an add-on there are."""

    name: str
    quantity: int


@dataclass(frozen=True, kw_only=True)
class Details:
    """What a subscription consists of, from when to when it is charged, and what comes next."""

    id: UUID
    version: int
    state: SubscriptionState
    interval: Interval
    currency: str
    current_period: Period
    quantity: int
    add_ons: tuple[AddOn, ...]
    trial_end: datetime | None
    resumes_at: datetime | None
    comped: bool
    scheduled_changes: tuple[UpcomingChange, ...]

    @property
    def cancel_at(self) -> datetime | None:
        """When it ends, if that is known."""
        kind = ScheduledChange.Kind.CANCEL
        return next((each.due_at for each in self.scheduled_changes if each.kind == kind), None)


@dataclass(frozen=True, kw_only=True)
class SubscriptionView:
    """The plan in force since `activated_at`, the payment that would change it, and details.

    There are none without a subscription, which is how organizations on `free` are.
    """

    organization_id: UUID
    plan: str
    activated_at: datetime | None
    pending_payment: PendingPayment | None
    details: Details | None

    @property
    def status(self) -> Status:
        """Incomplete until the first payment of an organization without a paid plan is there."""
        unpaid = self.pending_payment is not None and self.plan == catalogue.FREE
        return Status.INCOMPLETE if unpaid else Status.ACTIVE

    @property
    def tag(self) -> str:
        """The entity tag: another one as soon as anything shown is another."""
        pending, details = self.pending_payment, self.details
        waiting = (pending.id, pending.state) if pending else ()
        run = (details.id, details.version, details.state) if details else ()
        return entity_tag(self.organization_id, self.plan, self.activated_at, *waiting, *run)

    def without_pending_payment(self) -> SubscriptionView:
        """Return how it would be had the payment not been asked for."""
        waits = self.details is not None and self.details.state == SubscriptionState.INCOMPLETE
        return replace(self, pending_payment=None, details=None if waits else self.details)


def get_own_subscription(*, principal: Principal) -> SubscriptionView:
    """Return the current organization's subscription; raise `Forbidden` to who may not see it."""
    principal.require(SUBSCRIPTION_READ)
    return get_subscription(organization_id=principal.organization_id)


def get_subscription(*, organization_id: UUID) -> SubscriptionView:
    """Return the organization's subscription: `free` if it never had another."""
    row = Customer.objects.within(organization_id).first()
    intent = intents.find_open(organization_id=organization_id)
    live = find_live(organization_id=organization_id)
    return SubscriptionView(
        organization_id=organization_id,
        plan=row.plan if row else catalogue.FREE,
        activated_at=row.activated_at if row else None,
        pending_payment=_to_pending_payment(intent) if intent else None,
        details=_to_details(live) if live else None,
    )


def _to_details(row: Subscription) -> Details:
    run = loading.load([row])[row.id]
    return Details(
        id=row.id,
        version=row.version,
        state=SubscriptionState(row.state),
        interval=run.schedule.interval,
        currency=row.currency,
        current_period=run.period,
        quantity=run.plan.quantity,
        add_ons=tuple(
            AddOn(name=name, quantity=count) for name, count in add_ons_of(run.items).items()
        ),
        trial_end=row.trial_end,
        resumes_at=row.resumes_at,
        comped=row.comped,
        scheduled_changes=tuple(
            UpcomingChange(kind=each.kind, plan=each.change["plan"], due_at=each.due_at)
            for each in scheduled(row)
        ),
    )


def _to_pending_payment(intent: PaymentIntent) -> PendingPayment:
    return PendingPayment(
        id=intent.id,
        plan=intent.plan,
        price=Money(amount=intent.amount, currency=intent.currency),
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
