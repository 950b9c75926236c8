"""What organizations subscribe to, and what is to become of it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from domains.billing.models import money
from domains.billing.models.catalogue import Price
from kernel.ids import uuid7
from kernel.managers import OrganizationScopedManager
from kernel.privacy.marks import of_person


class SubscriptionState(models.TextChoices):
    """How a subscription stands; `services.subscriptions.states` says which may follow which."""

    INCOMPLETE = "incomplete", "Waits for its first payment"
    EXPIRED = "expired", "Was never paid"
    TRIALING = "trialing", "On trial"
    ACTIVE = "active", "Active"
    PAST_DUE = "past_due", "A payment is overdue"
    UNPAID = "unpaid", "Not paid, and nothing more is tried"
    PAUSED = "paused", "Paused"
    CANCELED = "canceled", "Canceled"


ENDED_STATES = (SubscriptionState.EXPIRED, SubscriptionState.CANCELED)
# In these the plan is in force.
SERVED_STATES = (SubscriptionState.TRIALING, SubscriptionState.ACTIVE, SubscriptionState.PAST_DUE)


class Subscription(models.Model):
    """One run of an organization's plan, from its beginning to its end; one at a time."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization_id = models.UUIDField()
    state = models.CharField(max_length=10, choices=SubscriptionState.choices)
    currency = money.currency()
    account_id = of_person(models.UUIDField(help_text="Who asked for it"))
    time_zone = models.CharField(max_length=64, help_text="Its days and months are those of it")
    anchor_at = models.DateTimeField(help_text="What every period is counted from")
    interval_unit = models.CharField(max_length=5)
    interval_count = models.PositiveSmallIntegerField()
    calendar = models.BooleanField(default=False, help_text="Periods begin with the calendar's")
    period_start = models.DateTimeField()
    period_end = models.DateTimeField(help_text="Exclusive")
    renews_at = models.DateTimeField(null=True, help_text="When the billing run takes it up")
    trial_end = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True)
    resumes_at = models.DateTimeField(null=True)
    trial_told_at = models.DateTimeField(null=True, help_text="When its end was told of")
    expires_at = models.DateTimeField(null=True, help_text="Until when the first payment counts")
    past_due_since = models.DateTimeField(null=True)
    comped = models.BooleanField(default=False, help_text="Staff gave it away")
    pending = models.JSONField(default=list, help_text="Lines for the next invoice")
    cancel_reason = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1, help_text="Grows with every change")

    objects = OrganizationScopedManager()

    class Meta:
        db_table = "subscription"
        constraints = [
            money.state_is_known("subscription", SubscriptionState),
            money.currency_is_one("subscription"),
            models.UniqueConstraint(
                fields=["organization_id"],
                condition=~Q(state__in=ENDED_STATES),
                name="subscription_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state__in=ENDED_STATES, ended_at__isnull=False, renews_at=None)
                | (~Q(state__in=ENDED_STATES) & Q(ended_at=None)),
                name="subscription_open_until_ended",
            ),
            models.CheckConstraint(
                condition=Q(period_start__lt=F("period_end")), name="subscription_period_is_one"
            ),
        ]
        indexes = [
            models.Index(
                fields=["renews_at"],
                condition=Q(renews_at__isnull=False),
                name="subscriptions_due",
            ),
            models.Index(fields=["organization_id", "-id"], name="subscriptions_of_one"),
        ]

    def __str__(self) -> str:
        return f"{self.state} since {self.created_at:%Y-%m-%d}"


class SubscriptionItem(models.Model):
    """A price that a subscription is charged by: that of its plan, or of an add-on."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization_id = models.UUIDField()
    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="items")
    price = models.ForeignKey(Price, models.PROTECT)
    product = models.CharField(max_length=64, help_text="The product's name")
    is_plan = models.BooleanField()
    quantity = models.PositiveIntegerField(default=1, help_text="Where the price's is fixed")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects = OrganizationScopedManager()

    class Meta:
        db_table = "subscription_item"
        constraints = [
            models.UniqueConstraint(
                fields=["subscription"],
                condition=Q(is_plan=True, ended_at=None),
                name="subscription_item_one_plan",
            ),
            models.UniqueConstraint(
                fields=["subscription", "price"],
                condition=Q(ended_at=None),
                name="subscription_item_price_once",
            ),
        ]


class ChangeState(models.TextChoices):
    """What has become of a change that was to happen later."""

    SCHEDULED = "scheduled", "Scheduled"
    APPLIED = "applied", "Applied"
    SUPERSEDED = "superseded", "Superseded"
    WITHDRAWN = "withdrawn", "Withdrawn"


class ScheduledChange(models.Model):
    """Something that is to happen to a subscription; a later wish supersedes it."""

    class Kind(models.TextChoices):
        PLAN = "plan", "Another plan, or other add-ons or quantities"
        CANCEL = "cancel", "The end"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization_id = models.UUIDField()
    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="changes")
    kind = models.CharField(max_length=7, choices=Kind.choices)
    change = models.JSONField(default=dict, help_text="What the kind needs to know")
    account_id = of_person(models.UUIDField(null=True, help_text="Who wished it"))
    due_at = models.DateTimeField()
    state = models.CharField(
        max_length=10, choices=ChangeState.choices, default=ChangeState.SCHEDULED
    )
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    successor = models.ForeignKey(
        "self", models.PROTECT, null=True, help_text="The wish that superseded it"
    )

    objects = OrganizationScopedManager()

    class Meta:
        db_table = "scheduled_change"
        constraints = [
            money.state_is_known("scheduled_change", ChangeState),
            models.UniqueConstraint(
                fields=["subscription"],
                condition=Q(state="scheduled"),
                name="scheduled_change_one_at_a_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(state="scheduled"), name="scheduled_changes_due"
            ),
        ]
