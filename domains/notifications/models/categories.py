"""What notifications are about, as people switch them on and off."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from domains.notifications.models.deliveries import Channel
from kernel.ids import uuid7
from kernel.managers import OrganizationScopedManager

LONGEST_PERIOD = 7 * 24 * 3600
MOST_IN_A_PERIOD = 100


class Category(models.Model):
    """A category of an organization's own; the product's are in code.

    On deliveries and preferences it stands by its id, so that no other organization's is meant.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization_id = models.UUIDField()
    key = models.CharField(max_length=64, help_text="What messages name it by")
    name = models.CharField(max_length=100, help_text="What people see")
    description = models.CharField(max_length=500, blank=True, default="")
    created_at = models.DateTimeField()

    objects = OrganizationScopedManager()

    class Meta:
        db_table = "category"
        verbose_name_plural = "categories"
        constraints = [
            models.UniqueConstraint(fields=["organization_id", "key"], name="category_key"),
        ]

    def __str__(self) -> str:
        return self.name


class Throttle(models.Model):
    """How often an organization's messages of one category reach one recipient by one channel."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization_id = models.UUIDField()
    category = models.CharField(max_length=64)
    most = models.PositiveSmallIntegerField(help_text="At most so many in any period")
    period = models.PositiveIntegerField(help_text="In seconds")

    objects = OrganizationScopedManager()

    class Meta:
        db_table = "category_throttle"
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "category"], name="throttle_once_per_category"
            ),
            models.CheckConstraint(
                condition=Q(most__gte=1, most__lte=MOST_IN_A_PERIOD)
                & Q(period__gte=1, period__lte=LONGEST_PERIOD),
                name="throttle_within_bounds",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.most} in {self.period} s of {self.category}"


class Frequency(models.TextChoices):
    """Whether something is told, and how soon."""

    OFF = "off", "Never"
    IMMEDIATELY = "immediately", "At once"
    HOURLY = "hourly", "Every hour, together"
    DAILY = "daily", "Every day, together"
    WEEKLY = "weekly", "Every week, together"


class DefaultPreference(models.Model):
    """What an organization's members are told of a category by a channel, unless they say."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization_id = models.UUIDField()
    category = models.CharField(max_length=64)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    frequency = models.CharField(max_length=11, choices=Frequency.choices)

    objects = OrganizationScopedManager()

    class Meta:
        db_table = "preference_default"
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "category", "channel"], name="preference_default_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.category} by {self.channel}: {self.frequency}"
