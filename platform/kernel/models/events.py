"""The tables of events. They exist in every domain's schema, so each query names its alias."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import BigIntegerField, Func, Q, Value
from django.db.models.functions import Now

from kernel.ids import uuid7


class Outbox(models.Model):
    """An event that this domain published: open until every listening domain has handled it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    sequence = models.BigIntegerField(
        editable=False,
        db_default=Func(
            Value("outbox_sequence"), function="nextval", output_field=BigIntegerField()
        ),
        help_text="Grows within an aggregate, whose writer holds its lock.",
    )
    name = models.TextField()
    aggregate_id = models.TextField()
    payload = models.JSONField()
    actor_id = models.UUIDField(null=True)
    organization_id = models.UUIDField(null=True)
    traceparent = models.TextField(blank=True)
    origin = models.JSONField(null=True, help_text="Who acted for whom, from where, if known.")
    occurred_at = models.DateTimeField()
    pending = ArrayField(
        models.TextField(), help_text="The domains that have not acknowledged it yet."
    )
    attempts = models.PositiveIntegerField(default=0)
    leased_until = models.DateTimeField(
        null=True, help_text="Sent, and not to be sent again before this."
    )
    closed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "outbox"
        verbose_name = "published event"
        ordering = ("-sequence",)
        indexes = (
            models.Index(
                fields=("sequence",), name="outbox_open", condition=Q(closed_at__isnull=True)
            ),
            BrinIndex(fields=("closed_at",), name="outbox_closed"),
        )


class Inbox(models.Model):
    """That a handler has handled an event; written with its effect in one transaction."""

    pk = models.CompositePrimaryKey("event_id", "handler")
    event_id = models.UUIDField()
    handler = models.TextField()
    handled_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "inbox"
        verbose_name = "handled event"
        verbose_name_plural = "handled events"
        indexes = (BrinIndex(fields=("handled_at",), name="inbox_handled"),)


class FailedEvent(models.Model):
    """An event that a handler of this domain raised on: tried again later, in the end dead."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    event_id = models.UUIDField()
    handler = models.TextField()
    envelope = models.JSONField()
    attempts = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)
    failed_at = models.DateTimeField()
    next_attempt_at = models.DateTimeField()
    dead_at = models.DateTimeField(null=True, help_text="Given up; it waits to be replayed.")

    class Meta:
        db_table = "failed_event"
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(fields=("event_id", "handler"), name="failed_event_once"),
        )
        indexes = (
            models.Index(
                fields=("next_attempt_at",),
                name="failed_event_due",
                condition=Q(dead_at__isnull=True),
            ),
        )


class AggregatePosition(models.Model):
    """The newest version of an aggregate that a handler which ignores stale events has seen."""

    pk = models.CompositePrimaryKey("handler", "publisher", "aggregate_id")
    handler = models.TextField()
    publisher = models.TextField()
    aggregate_id = models.TextField()
    version = models.BigIntegerField()

    class Meta:
        db_table = "aggregate_position"
