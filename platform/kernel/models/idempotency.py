"""What the gateway remembers of requests; these tables exist in every domain's schema."""

from __future__ import annotations

from django.db import models

from kernel.ids import uuid7


class IdempotencyRecord(models.Model):
    """A request that came with an `Idempotency-Key`: claimed while it runs, then its answer.

    `answer` is encrypted (it may hold tokens), `fingerprint` keyed (the body may hold a password).
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    scope = models.TextField(help_text="Whose key it is: an account's, an API key's, an address's.")
    key = models.TextField()
    fingerprint = models.TextField(help_text="Of the method, the path and the body.")
    claim = models.UUIDField(help_text="The attempt that may store the answer.")
    leased_until = models.DateTimeField(help_text="Then another attempt may take over.")
    answer = models.TextField(blank=True)
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "idempotency_record"
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(fields=("scope", "key"), name="idempotency_record_once"),
        )
        indexes = (models.Index(fields=("expires_at",), name="idempotency_record_expiry"),)


class RateCounter(models.Model):
    """How often something sensitive was tried; counted here only while Redis is away."""

    key = models.TextField(primary_key=True)
    count = models.PositiveIntegerField()
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "rate_counter"
        indexes = (models.Index(fields=("expires_at",), name="rate_counter_expiry"),)
