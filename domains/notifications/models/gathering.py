"""What is counted and gathered between the decision and the sending."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from domains.notifications.models.categories import Frequency
from domains.notifications.models.deliveries import Channel
from kernel.ids import uuid7
from kernel.managers import OrganizationScopedManager
from kernel.privacy.marks import of_person


class Passed(models.Model):
    """When messages of a throttled category last passed to a recipient: no more than may."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization_id = models.UUIDField()
    category = models.CharField(max_length=64)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    recipient = of_person(models.CharField(max_length=320))
    account_id = of_person(models.UUIDField(null=True, db_index=True))
    times = ArrayField(models.DateTimeField())
    last_at = models.DateTimeField(db_index=True)

    objects = OrganizationScopedManager()

    class Meta:
        db_table = "throttle_passed"
        verbose_name_plural = "passed"
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "category", "channel", "recipient"], name="passed_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{len(self.times)} of {self.category}"


class Digest(models.Model):
    """What is gathered for one recipient, of one category and by one channel, until it is due."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization_id = models.UUIDField(null=True, db_index=True)
    account_id = of_person(models.UUIDField(db_index=True))
    recipient = of_person(models.CharField(max_length=320))
    address = of_person(models.CharField(max_length=320))
    category = models.CharField(max_length=64)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    frequency = models.CharField(max_length=11, choices=Frequency.choices)
    due_at = models.DateTimeField()
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    items = models.PositiveIntegerField(null=True, help_text="How many it told of, once closed")

    class Meta:
        db_table = "digest"
        constraints = [
            models.UniqueConstraint(
                fields=["account_id", "organization_id", "category", "channel", "recipient"],
                condition=Q(closed_at=None),
                nulls_distinct=False,
                name="digest_one_open",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(closed_at=None), name="digests_due"),
        ]

    def __str__(self) -> str:
        return f"{self.category} by {self.channel}, {self.frequency}"
