"""What to tell people about one event, before it is known who they are."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.fields.json import KT

from kernel.ids import uuid7
from kernel.privacy.marks import of_person


class MessageState(models.TextChoices):
    """How far the fan-out of a message is."""

    PENDING = "pending", "To be expanded"
    EXPANDED = "expanded", "Expanded"
    DEAD = "dead", "Failed for good"


class Source(models.TextChoices):
    """What made a message."""

    EVENT = "event", "Something that happened"
    CUSTOMER = "customer", "An organization, by the API"
    DIGEST = "digest", "What was gathered"


class Priority(models.TextChoices):
    """Whether a message may wait."""

    NORMAL = "normal", "Normal"
    CRITICAL = "critical", "Critical: no quiet hours"


# What an event says of people: by these names a message is found when one of them is erased.
ACCOUNT_FACTS = ("account_id", "from_account_id", "to_account_id")


class Message(models.Model):
    """The intent to tell people about one event; who they are is found out afterwards."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    event_id = models.UUIDField()
    source = models.CharField(
        max_length=8, choices=Source.choices, default=Source.EVENT, db_default=Source.EVENT
    )
    reference = models.CharField(
        max_length=100, blank=True, default="", db_default="", help_text="The customer's own"
    )
    category = models.CharField(max_length=64, blank=True, default="", db_default="")
    priority = models.CharField(
        max_length=8, choices=Priority.choices, default=Priority.NORMAL, db_default=Priority.NORMAL
    )
    channels = ArrayField(
        models.CharField(max_length=10),
        default=list,
        db_default=models.Value([], ArrayField(models.CharField(max_length=10))),
        blank=True,
        help_text="Those that a customer chose",
    )
    audience = of_person(
        models.JSONField(
            default=dict,
            db_default=models.Value({}, models.JSONField()),
            blank=True,
            help_text="Who is told, until all of them are found",
        )
    )
    request_hash = models.CharField(max_length=64, blank=True, default="", db_default="")
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
    reached = models.CharField(
        max_length=330, blank=True, default="", db_default="", help_text="How far it is expanded"
    )
    recipients = models.PositiveIntegerField(
        default=0, db_default=0, help_text="How many it has reached so far"
    )
    addresses = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="How many of them are addresses without an account"
    )
    expanded_at = models.DateTimeField(null=True)
    note = models.TextField(blank=True, help_text="Why it failed, or why it reached nobody")

    class Meta:
        db_table = "message"
        constraints = [
            models.UniqueConstraint(fields=["event_id", "kind"], name="message_once_per_event"),
            models.UniqueConstraint(
                fields=["organization_id", "reference"],
                condition=~Q(reference=""),
                name="message_once_per_reference",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(state=MessageState.PENDING), name="messages_due"
            ),
            models.Index(
                fields=["organization_id", "-id"],
                condition=Q(source=Source.CUSTOMER),
                name="messages_of_customer",
            ),
            # One for each of the ACCOUNT_FACTS.
            models.Index(KT("facts__account_id"), name="messages_about_account"),
            models.Index(KT("facts__from_account_id"), name="messages_about_giver"),
            models.Index(KT("facts__to_account_id"), name="messages_about_taker"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} ({self.id})"
