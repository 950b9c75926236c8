"""What people say of how they want to be told."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from domains.notifications.models.categories import Frequency
from domains.notifications.models.deliveries import Channel
from kernel.ids import uuid7
from kernel.privacy.marks import of_person

LAST_HOUR, LAST_DAY = 23, 6


class Preference(models.Model):
    """How soon a person is told of a category by a channel, if at all."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account_id = of_person(models.UUIDField())
    category = models.CharField(
        max_length=64, help_text="One of the product's, or the id of an organization's own"
    )
    channel = models.CharField(max_length=10, choices=Channel.choices)
    frequency = models.CharField(max_length=11, choices=Frequency.choices)
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "preference"
        constraints = [
            models.UniqueConstraint(
                fields=["account_id", "category", "channel"], name="preference_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.category} by {self.channel}: {self.frequency}"


class Rhythm(models.Model):
    """When a person wants quiet, and at which hour what was gathered; in their time zone.

    Days are those on which the quiet begins, Monday being 0.
    """

    account_id = of_person(models.UUIDField(primary_key=True, editable=False))
    quiet_from = of_person(models.TimeField(null=True))
    quiet_until = of_person(models.TimeField(null=True))
    quiet_days = of_person(ArrayField(models.PositiveSmallIntegerField(), default=list))
    digest_hour = of_person(models.PositiveSmallIntegerField(default=8))
    digest_day = of_person(models.PositiveSmallIntegerField(default=0))

    class Meta:
        db_table = "rhythm"
        constraints = [
            models.CheckConstraint(
                condition=Q(quiet_from=None, quiet_until=None)
                | Q(quiet_from__isnull=False, quiet_until__isnull=False)
                & ~Q(quiet_from=F("quiet_until")),
                name="rhythm_quiet_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(digest_hour__lte=LAST_HOUR, digest_day__lte=LAST_DAY),
                name="rhythm_digest_in_a_week",
            ),
        ]

    def __str__(self) -> str:
        return str(self.account_id)


class Mute(models.Model):
    """That a person wants to hear no more of one thing."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account_id = of_person(models.UUIDField())
    subject_id = of_person(models.UUIDField(help_text="Of a file, a project, an invoice, …"))
    created_at = models.DateTimeField()

    class Meta:
        db_table = "mute"
        constraints = [
            models.UniqueConstraint(fields=["account_id", "subject_id"], name="mute_once"),
        ]

    def __str__(self) -> str:
        return str(self.subject_id)
