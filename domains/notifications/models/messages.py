"""What to tell people about one event, before it is known who they are."""

from __future__ import annotations

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
