"""What people see in the app."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from domains.notifications.models.messages import Message
from kernel.ids import uuid7
from kernel.privacy.marks import of_person


class Notification(models.Model):
    """One item in the feed of one person, in the words of the moment.

    `sequence` counts the items of that person from 1, without a gap, in the order in which they
    were committed.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="notifications")
    account_id = of_person(models.UUIDField())
    sequence = models.BigIntegerField(help_text="Its number in the feed of that person")
    organization_id = models.UUIDField(null=True)
    organization_name = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=80)
    category = models.CharField(max_length=64, default="", db_default="")
    title = of_person(models.CharField(max_length=200))
    body = of_person(models.TextField(blank=True))
    subject_ids = of_person(models.JSONField(default=dict, help_text="The ids of what it is about"))
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    archived_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "notification"
        constraints = [
            models.UniqueConstraint(
                fields=["message", "account_id"], name="notification_once_per_person"
            ),
            models.UniqueConstraint(
                fields=["account_id", "sequence"], name="notification_numbered_per_person"
            ),
        ]
        indexes = [
            models.Index(
                fields=["account_id", "sequence"],
                condition=Q(read_at__isnull=True, archived_at__isnull=True),
                name="notifications_unread",
            ),
            models.Index(
                fields=["created_at"],
                condition=Q(read_at__isnull=False) | Q(archived_at__isnull=False),
                name="notifications_done",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def organization(self) -> dict[str, Any] | None:
        """The organization it is about, by the name that it had."""
        if self.organization_id is None:
            return None
        return {"id": self.organization_id, "name": self.organization_name}


class Feed(models.Model):
    """How far the feed of one person is, and what of it waits for that person.

    Its lock orders all that changes the feed; it is taken before those of the items, and of
    several feeds in the order of the accounts.
    """

    account_id = of_person(models.UUIDField(primary_key=True))
    last_sequence = models.BigIntegerField(default=0, help_text="The number of the newest item")
    unread = models.PositiveIntegerField(default=0, help_text="Neither read nor archived")
    unseen = models.PositiveIntegerField(
        default=0, help_text="Came after the feed was last opened, and isn't archived"
    )
    seen_sequence = models.BigIntegerField(
        default=0, help_text="The newest item when the feed was last opened"
    )
    seen_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "feed"
        constraints = [
            models.CheckConstraint(
                condition=Q(seen_sequence__lte=models.F("last_sequence")),
                name="feed_seen_as_far_as_it_goes",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.unread} unread"


class StreamTicket(models.Model):
    """What opens one live stream in the place of the access token that it was asked for with."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    ticket_hash = models.CharField(max_length=64, unique=True)
    account_id = of_person(models.UUIDField())
    session_id = models.UUIDField()
    impersonator_id = of_person(models.UUIDField(null=True))
    proven_at = models.DateTimeField(help_text="When its owner was last proven")
    mfa = models.BooleanField(help_text="Whether by several factors")
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "stream_ticket"

    def __str__(self) -> str:
        return f"of {self.account_id} until {self.expires_at}"
