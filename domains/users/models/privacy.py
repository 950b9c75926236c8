from __future__ import annotations

from django.db import models

from kernel.ids import uuid7
from kernel.privacy.marks import of_person


class PersonExport(models.Model):
    """All that is kept about a person, in one archive that they asked for; made by a job."""

    class State(models.TextChoices):
        PENDING = "pending", "Being collected"
        READY = "ready", "Ready"
        FAILED = "failed", "Failed"
        EXPIRED = "expired", "Expired"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account_id = of_person(models.UUIDField())
    state = models.CharField(max_length=8, choices=State.choices, default=State.PENDING)
    storage_key = models.CharField(max_length=200, blank=True)
    size = models.BigIntegerField(null=True, help_text="Bytes")
    sha256 = models.CharField(max_length=64, blank=True)
    reason = models.CharField(max_length=500, blank=True, help_text="Why it failed")
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField(help_text="When the sweep takes it up, if it is still open")
    ready_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "person_export"
        constraints = [
            models.UniqueConstraint(
                fields=["account_id"],
                condition=models.Q(state="pending"),
                name="person_export_one_pending",
            ),
        ]
        indexes = [models.Index(fields=["account_id", "-id"], name="person_export_of_person")]

    def __str__(self) -> str:
        return f"{self.account_id} ({self.state})"


class ErasureReceipt(models.Model):
    """That a person was erased, and what each domain said of it; names nobody but the old id."""

    account_id = of_person(models.UUIDField(primary_key=True))
    # Shown once to whoever asks to be erased; what the receipt is read with afterwards.
    token_hash = models.CharField(max_length=64, blank=True, default="")
    requested_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "erasure_receipt"
        constraints = [
            models.UniqueConstraint(
                fields=["token_hash"],
                condition=~models.Q(token_hash=""),
                name="erasure_receipt_token_is_unique",
            ),
        ]

    def __str__(self) -> str:
        return str(self.account_id)


class ErasureAnswer(models.Model):
    """What one domain erased, made anonymous, or must keep and why."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    receipt = models.ForeignKey(
        ErasureReceipt, on_delete=models.CASCADE, related_name="answers", db_index=False
    )
    domain = models.CharField(max_length=32)
    items = models.JSONField()
    answered_at = models.DateTimeField()

    class Meta:
        db_table = "erasure_answer"
        constraints = [
            models.UniqueConstraint(fields=["receipt", "domain"], name="erasure_answer_once"),
        ]

    def __str__(self) -> str:
        return f"{self.domain} of {self.receipt_id}"
