"""The table of periodic work; it exists in every domain's schema."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from kernel.ids import uuid7


class PeriodicRun(models.Model):
    """One due time of a periodic task. Whoever inserts it enqueues it; whoever marks it runs it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    task = models.TextField()
    run_at = models.DateTimeField()
    enqueued_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "periodic_run"
        ordering = ("-run_at",)
        constraints = (
            models.UniqueConstraint(fields=("task", "run_at"), name="periodic_run_once"),
        )
        indexes = (
            models.Index(
                fields=("task",), name="periodic_run_waiting", condition=Q(started_at__isnull=True)
            ),
        )
