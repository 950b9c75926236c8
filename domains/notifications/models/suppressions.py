"""Addresses that get no more, and why."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from domains.notifications.models.deliveries import Channel
from kernel.ids import uuid7
from kernel.privacy.marks import of_person


class Cause(models.TextChoices):
    """Why nothing goes there; it decides how far that reaches."""

    BOUNCE = "bounce", "Nobody can be reached there"
    COMPLAINT = "complaint", "Somebody called it spam"
    UNSUBSCRIBED = "unsubscribed", "Somebody wants no more of it"


class Suppression(models.Model):
    """One address that nothing goes to: nothing at all, or nothing of a category.

    A bounce counts everywhere, a complaint for all that isn't mandatory, an unsubscribing for one
    organization's category. One that was lifted stays as a record.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    address = of_person(models.CharField(max_length=320, help_text="In lower case"))
    cause = models.CharField(max_length=12, choices=Cause.choices)
    organization_id = models.UUIDField(null=True, db_index=True)
    category = models.CharField(max_length=64, default="", db_default="")
    provider = models.CharField(max_length=40, default="", db_default="", help_text="Who told")
    detail = models.CharField(
        max_length=500, default="", db_default="", help_text="What the provider said"
    )
    created_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)
    lifted_because = models.CharField(max_length=500, default="", db_default="")

    class Meta:
        db_table = "suppression"
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "address", "cause", "organization_id", "category"],
                condition=Q(lifted_at=None),
                nulls_distinct=False,
                name="suppression_counts_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.address}: {self.get_cause_display()}"
