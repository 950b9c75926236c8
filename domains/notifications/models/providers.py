"""Those who carry messages on, and how they are doing."""

from __future__ import annotations

from django.db import models


class Provider(models.Model):
    """How a provider does, for all processes: its circuit breaker and its rate.

    Closed while `retry_at` is null; open until then; half-open once it has passed, for the one
    attempt that moves it on. A provider without a row has never failed.
    """

    key = models.CharField(max_length=200, primary_key=True, editable=False)
    failures = models.PositiveIntegerField(
        default=0, db_default=0, help_text="In a row; one success forgets them"
    )
    openings = models.PositiveIntegerField(
        default=0, db_default=0, help_text="How often it was found away in a row"
    )
    failed_at = models.DateTimeField(null=True)
    retry_at = models.DateTimeField(null=True, help_text="Nobody asks it before; null: it is well")
    last_error = models.TextField(default="", db_default="")
    next_slot_at = models.DateTimeField(null=True, help_text="When its rate allows the next")

    class Meta:
        db_table = "provider"

    def __str__(self) -> str:
        return self.key
