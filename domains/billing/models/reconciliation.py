"""What came of comparing a provider's book with ours."""

from __future__ import annotations

from django.db import models

from kernel.ids import uuid7


class Reconciliation(models.Model):
    """One comparison, of all that was charged and sent back in [since, until)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    provider = models.CharField(max_length=16)
    since = models.DateTimeField()
    until = models.DateTimeField()
    charges = models.PositiveIntegerField(default=0, help_text="That the provider has")
    refunds = models.PositiveIntegerField(default=0, help_text="That the provider has")
    findings = models.PositiveIntegerField(default=0, help_text="New ones")
    created_at = models.DateTimeField()

    class Meta:
        db_table = "reconciliation"
        indexes = [models.Index(fields=["provider", "-until"], name="reconciliations_newest")]

    def __str__(self) -> str:
        return f"{self.provider} until {self.until:%Y-%m-%d %H:%M}"


class Finding(models.Model):
    """Something that the provider and we tell otherwise; nothing is mended for it by itself."""

    class Kind(models.TextChoices):
        UNKNOWN_CHARGE = "unknown_charge", "A charge of ours that we don't know"
        MISSING_CHARGE = "missing_charge", "A payment that the provider doesn't know"
        STATUS = "status", "Paid for one of the two only"
        AMOUNT = "amount", "Other amounts"
        REFUNDED = "refunded", "Other sums sent back"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    provider = models.CharField(max_length=16)
    kind = models.CharField(max_length=14, choices=Kind.choices)
    reference = models.CharField(max_length=255, help_text="The charge's id there")
    organization_id = models.UUIDField(null=True)
    ours = models.CharField(max_length=100, blank=True)
    theirs = models.CharField(max_length=100, blank=True)
    found_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True, help_text="When staff said that it is settled")

    class Meta:
        db_table = "finding"
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "kind", "reference"], name="finding_told_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}"
