"""What can be wrong with a wish for a subscription, and what has become of one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kernel.errors import Conflict, Invalid
from kernel.events import event


class PreviewInvalid(Invalid):
    code = "billing.preview_invalid"
    title = "This is no preview of this organization's subscription"


class PreviewExpired(Invalid):
    """A preview holds for 15 minutes."""

    code = "billing.preview_expired"
    title = "The preview has expired"


class PreviewOutdated(Conflict):
    """The subscription has changed since: ask for another preview."""

    code = "billing.preview_outdated"
    title = "The subscription is no longer what the preview was computed from"


class PolicyNotOffered(Invalid):
    """Customers choose only among policies that leave nothing unpaid."""

    code = "billing.policy_not_offered"
    title = "This change can't be made that way"


class NothingToPreview(Invalid):
    """The end of a plan costs nothing."""

    code = "billing.nothing_to_preview"
    title = "There is nothing to preview"


class CurrencyFixed(Invalid):
    code = "billing.currency_fixed"
    title = "The organization pays in another currency"


class NoSubscription(Conflict):
    code = "billing.no_subscription"
    title = "The organization has no paid plan"


class SubscriptionStateRefuses(Conflict):
    """The member `state` says how it stands."""

    code = "billing.subscription_state_refuses"
    title = "The state of the subscription doesn't allow this"


class ResumptionInvalid(Invalid):
    code = "billing.resumption_invalid"
    title = "A pause ends later than it begins"


class PaymentOverdue(Conflict):
    """An invoice is overdue: it is paid before anything changes."""

    code = "billing.payment_overdue"
    title = "An invoice has to be paid first"


@event("billing.subscription_renewed.v1", aggregate="organization_id")
@dataclass(frozen=True, kw_only=True)
class SubscriptionRenewed:
    """Another period began."""

    organization_id: UUID
    subscription_id: UUID
    plan: str
    period_start: datetime
    period_end: datetime


@event("billing.subscription_changed.v1", aggregate="organization_id")
@dataclass(frozen=True, kw_only=True)
class SubscriptionChanged:
    """A subscription consists of something else, at another interval or in another quantity."""

    organization_id: UUID
    subscription_id: UUID
    plan: str
    account_id: UUID


@event("billing.subscription_change_scheduled.v1", aggregate="organization_id")
@dataclass(frozen=True, kw_only=True)
class SubscriptionChangeScheduled:
    """At `due_at` the subscription changes to the plan; `free` is its end."""

    organization_id: UUID
    subscription_id: UUID
    plan: str
    due_at: datetime
    account_id: UUID | None


@event("billing.subscription_change_withdrawn.v1", aggregate="organization_id")
@dataclass(frozen=True, kw_only=True)
class SubscriptionChangeWithdrawn:
    """What was scheduled will not happen: the subscription goes on with the plan."""

    organization_id: UUID
    subscription_id: UUID
    plan: str
    account_id: UUID | None


@event("billing.trial_started.v1", aggregate="organization_id")
@dataclass(frozen=True, kw_only=True)
class TrialStarted:
    """A plan is free until `trial_end`."""

    organization_id: UUID
    subscription_id: UUID
    plan: str
    trial_end: datetime


@event("billing.trial_will_end.v1", aggregate="organization_id")
@dataclass(frozen=True, kw_only=True)
class TrialWillEnd:
    """In three days or less a trial ends; `account_id` had asked for it."""

    organization_id: UUID
    subscription_id: UUID
    plan: str
    trial_end: datetime
    account_id: UUID


@event("billing.trial_extended.v1", aggregate="organization_id")
@dataclass(frozen=True, kw_only=True)
class TrialExtended:
    """Staff had a trial end later."""

    organization_id: UUID
    subscription_id: UUID
    trial_end: datetime


@event("billing.plan_given.v1", aggregate="organization_id")
@dataclass(frozen=True, kw_only=True)
class PlanGiven:
    """Staff (`account_id`) gave a plan away, until an instant or for as long as it is wanted."""

    organization_id: UUID
    subscription_id: UUID
    plan: str
    until: datetime | None
    account_id: UUID
    reason: str


@event("billing.subscription_past_due.v1", aggregate="organization_id")
@dataclass(frozen=True, kw_only=True)
class SubscriptionPastDue:
    """A payment failed; the plan stays in force while it is tried again."""

    organization_id: UUID
    subscription_id: UUID
    plan: str


@event("billing.subscription_recovered.v1", aggregate="organization_id")
@dataclass(frozen=True, kw_only=True)
class SubscriptionRecovered:
    """What was overdue is paid."""

    organization_id: UUID
    subscription_id: UUID
    plan: str


@event("billing.subscription_unpaid.v1", aggregate="organization_id")
@dataclass(frozen=True, kw_only=True)
class SubscriptionUnpaid:
    """Nothing more is tried: the plan is not in force until what is overdue is paid."""

    organization_id: UUID
    subscription_id: UUID
    plan: str


@event("billing.subscription_paused.v1", aggregate="organization_id")
@dataclass(frozen=True, kw_only=True)
class SubscriptionPaused:
    """The plan is not in force and costs nothing; `resumes_at` says until when, if it is known."""

    organization_id: UUID
    subscription_id: UUID
    plan: str
    resumes_at: datetime | None


@event("billing.subscription_resumed.v1", aggregate="organization_id")
@dataclass(frozen=True, kw_only=True)
class SubscriptionResumed:
    """A pause is over."""

    organization_id: UUID
    subscription_id: UUID
    plan: str


@event("billing.subscription_canceled.v1", aggregate="organization_id")
@dataclass(frozen=True, kw_only=True)
class SubscriptionCanceled:
    """A subscription ended, and with it the plan; `reason` is whoever's who ended it."""

    organization_id: UUID
    subscription_id: UUID
    plan: str
    reason: str


@event("billing.subscription_expired.v1", aggregate="organization_id")
@dataclass(frozen=True, kw_only=True)
class SubscriptionExpired:
    """A subscription was never paid."""

    organization_id: UUID
    subscription_id: UUID
    plan: str
