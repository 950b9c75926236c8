"""The rows of notifications: what to tell (message), to whom in the feed, to whom by mail."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.fields.json import KT

from kernel.ids import uuid7
from kernel.privacy.marks import of_person


class Channel(models.TextChoices):
    """A way to reach a person."""

    IN_APP = "in_app", "In the app"
    EMAIL = "email", "E-mail"


class MessageState(models.TextChoices):
    """How far the fan-out of a message is."""

    PENDING = "pending", "To be expanded"
    EXPANDED = "expanded", "Expanded"
    DEAD = "dead", "Failed for good"


class DeliveryState(models.TextChoices):
    """How far a delivery is."""

    PENDING = "pending", "To be sent"
    CLAIMED = "claimed", "Being sent"
    SENT = "sent", "Sent"
    SUPPRESSED = "suppressed", "Not sent: no longer wanted or allowed"
    DEAD = "dead", "Failed for good"


class Failure(models.TextChoices):
    """Why an attempt failed, as far as it decides what happens next."""

    UNREACHABLE = "unreachable", "The mail server could not be reached"
    TEMPORARY = "temporary", "Refused or failed for now"
    CONFIGURATION = "configuration", "Our account or settings were refused"
    UNCERTAIN = "uncertain", "Lost after hand-over; it may have arrived"
    PERMANENT = "permanent", "Refused for good"


# What an event says of people: by these names a message is found when one of them is erased.
ACCOUNT_FACTS = ("account_id", "from_account_id", "to_account_id")


class Message(models.Model):
    """The intent to tell people about one event; who they are is found out afterwards."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    event_id = models.UUIDField()
    kind = models.CharField(max_length=80)
    organization_id = models.UUIDField(null=True, db_index=True)
    facts = of_person(models.JSONField(default=dict, help_text="What the event said"))
    context = of_person(
        models.JSONField(default=dict, help_text="The names and words resolved from it")
    )
    traceparent = models.TextField(blank=True)
    occurred_at = models.DateTimeField()
    created_at = models.DateTimeField()
    state = models.CharField(
        max_length=10, choices=MessageState.choices, default=MessageState.PENDING
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    expanded_at = models.DateTimeField(null=True)
    note = models.TextField(blank=True, help_text="Why it failed, or why it reached nobody")

    class Meta:
        db_table = "message"
        constraints = [
            models.UniqueConstraint(fields=["event_id", "kind"], name="message_once_per_event"),
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(state=MessageState.PENDING), name="messages_due"
            ),
            # One for each of the ACCOUNT_FACTS.
            models.Index(KT("facts__account_id"), name="messages_about_account"),
            models.Index(KT("facts__from_account_id"), name="messages_about_giver"),
            models.Index(KT("facts__to_account_id"), name="messages_about_taker"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} ({self.id})"


class Notification(models.Model):
    """One item in the feed of one person, in the words of the moment."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="notifications")
    account_id = of_person(models.UUIDField())
    organization_id = models.UUIDField(null=True)
    organization_name = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=80)
    title = of_person(models.CharField(max_length=200))
    body = of_person(models.TextField(blank=True))
    subject_ids = of_person(models.JSONField(default=dict, help_text="The ids of what it is about"))
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "notification"
        constraints = [
            models.UniqueConstraint(
                fields=["message", "account_id"], name="notification_once_per_person"
            ),
        ]
        indexes = [
            models.Index(fields=["account_id", "-id"], name="notifications_feed"),
            models.Index(
                fields=["account_id", "-id"],
                condition=Q(read_at__isnull=True),
                name="notifications_unread",
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


class Delivery(models.Model):
    """One message on its way to one recipient through one channel outside the app.

    While it is claimed, `due_at` is the end of the claim. `handed_over_at` is set for the seconds
    in which the far side may take it without our knowing.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="deliveries")
    channel = models.CharField(max_length=10, choices=Channel.choices)
    recipient = of_person(
        models.CharField(max_length=320, help_text="An account's id, or a bare address")
    )
    account_id = of_person(models.UUIDField(null=True, db_index=True))
    address = of_person(models.CharField(max_length=320))
    state = models.CharField(
        max_length=10, choices=DeliveryState.choices, default=DeliveryState.PENDING
    )
    reason = models.TextField(blank=True, help_text="Why it failed or was not sent")
    failure = models.CharField(max_length=13, choices=Failure.choices, blank=True)
    failed_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    uncertain_attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    claim = models.UUIDField(null=True)
    handed_over_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    redrives = models.PositiveSmallIntegerField(default=0)
    mail_id = models.CharField("Message-ID", max_length=320, blank=True)
    subject = of_person(models.CharField(max_length=250, blank=True))
    text = of_person(models.TextField(blank=True))
    html = of_person(models.TextField("HTML", blank=True))
    created_at = models.DateTimeField()

    class Meta:
        db_table = "delivery"
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(
                fields=["message", "recipient", "channel"], name="delivery_once_per_recipient"
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=Q(state__in=[DeliveryState.PENDING, DeliveryState.CLAIMED]),
                name="deliveries_due",
            ),
            models.Index(
                fields=["failed_at"],
                condition=Q(failure=Failure.UNREACHABLE),
                name="deliveries_unreachable",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject or self.id} to {self.address}"
