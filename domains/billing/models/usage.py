"""What customers use, and what they are allowed to."""

from __future__ import annotations

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q

from domains.billing.models import money
from domains.billing.models.catalogue import Meter
from kernel.ids import uuid7
from kernel.managers import OrganizationScopedManager
from kernel.privacy.marks import of_person


class UsageEvent(models.Model):
    """Something that was used, told once however often it is sent."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization_id = models.UUIDField()
    event_id = models.CharField(max_length=100, help_text="The sender's")
    meter = models.ForeignKey(Meter, models.PROTECT, db_index=False)
    value = money.quantity(default=1)
    property = models.CharField(max_length=200, blank=True, help_text="What `unique` counts")
    occurred_at = models.DateTimeField()
    counts_at = models.DateTimeField(help_text="Later than it occurred, if that was invoiced")
    received_at = models.DateTimeField()

    objects = OrganizationScopedManager()

    class Meta:
        db_table = "usage_event"
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "event_id"], name="usage_event_counts_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["organization_id", "meter", "counts_at"], name="usage_events_of_a_time"
            ),
        ]


class UsageBucket(models.Model):
    """An hour of an organization's use of a meter, added up as the events come in."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization_id = models.UUIDField()
    meter = models.ForeignKey(Meter, models.PROTECT, db_index=False)
    hour = models.DateTimeField()
    count = models.BigIntegerField()
    sum = money.quantity()
    max = money.quantity()
    last = money.quantity()
    last_at = models.DateTimeField()

    objects = OrganizationScopedManager()

    class Meta:
        db_table = "usage_bucket"
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "meter", "hour"], name="usage_bucket_once"
            ),
        ]


class Grant(models.Model):
    """An amount of a metered feature given on top of the plan, burnt down by use."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization_id = models.UUIDField()
    feature = models.CharField(max_length=64)
    amount = models.BigIntegerField()
    remaining = models.BigIntegerField()
    priority = models.PositiveSmallIntegerField(default=100, help_text="The lowest is burnt first")
    effective_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    reason = models.CharField(max_length=200, blank=True)

    objects = OrganizationScopedManager()

    class Meta:
        db_table = "entitlement_grant"
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0, remaining__gte=0, remaining__lte=F("amount")),
                name="grant_not_overdrawn",
            ),
        ]
        indexes = [
            models.Index(
                fields=["organization_id", "feature", "priority", "expires_at", "created_at"],
                name="grants_to_burn",
            ),
        ]


class Consumption(models.Model):
    """How much of a feature is used and held: in a period if metered, at all if static."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization_id = models.UUIDField()
    feature = models.CharField(max_length=64)
    period_start = models.DateTimeField(help_text="1970-01-01 for what has no periods")
    used = models.BigIntegerField(default=0)
    burnt = models.BigIntegerField(default=0, help_text="How much of that was taken from grants")
    reserved = models.BigIntegerField(default=0)
    alerted = models.PositiveSmallIntegerField(default=0, help_text="The last threshold told of, %")

    objects = OrganizationScopedManager()

    class Meta:
        db_table = "entitlement_consumption"
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "feature", "period_start"], name="consumption_once"
            ),
            models.CheckConstraint(
                condition=Q(used__gte=F("burnt"), burnt__gte=0, reserved__gte=0),
                name="consumption_not_negative",
            ),
        ]


class Allocation(models.Model):
    """A part of a feature that is held under a key: reserved, then settled or released."""

    class State(models.TextChoices):
        RESERVED = "reserved", "Reserved"
        SETTLED = "settled", "Settled"
        RELEASED = "released", "Released"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization_id = models.UUIDField()
    feature = models.CharField(max_length=64)
    # A seat's is the id of whoever has it.
    key = of_person(
        models.CharField(max_length=100, help_text="The caller's; the same is the same")
    )
    amount = models.BigIntegerField()
    state = models.CharField(max_length=8, choices=State.choices)
    period_start = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, help_text="When a reservation lapses")
    version = models.BigIntegerField(null=True, help_text="Of what it follows, in another domain")
    created_at = models.DateTimeField()

    objects = OrganizationScopedManager()

    class Meta:
        db_table = "entitlement_allocation"
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "feature", "key"], name="allocation_once"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="allocation_of_something"),
        ]
        indexes = [
            models.Index(
                fields=["organization_id", "feature", "expires_at"],
                condition=Q(state="reserved", expires_at__isnull=False),
                name="allocations_to_lapse",
            ),
            BrinIndex(fields=["created_at"], name="allocations_by_age"),
        ]
