"""Invoices that were not paid at the first go, and what is tried next."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from domains.billing.models.invoices import Invoice
from domains.billing.models.payments import PaymentMethod
from kernel.ids import uuid7
from kernel.managers import OrganizationScopedManager


class Dunning(models.Model):
    """The chase of one open invoice: from its first failure on, until it is paid or given up."""

    class Outcome(models.TextChoices):
        PAID = "paid", "Paid"
        SETTLED = "settled", "Void, credited or written off"
        EXHAUSTED = "exhausted", "Given up"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization_id = models.UUIDField(db_index=True)
    invoice = models.OneToOneField(Invoice, models.PROTECT, related_name="dunning")
    started_at = models.DateTimeField(null=True, help_text="The first failure; none happened yet")
    step = models.PositiveSmallIntegerField(default=0, help_text="How many steps were taken since")
    reason = models.CharField(max_length=64, blank=True, help_text="Why the last payment failed")
    is_hard = models.BooleanField(default=False, help_text="The same method is not tried again")
    method = models.ForeignKey(
        PaymentMethod, models.PROTECT, null=True, help_text="The one that failed last"
    )
    next_at = models.DateTimeField(null=True, help_text="When the next step is due")
    is_out_of_turn = models.BooleanField(
        default=False, help_text="Something gives hope: a try that is no step"
    )
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=9, choices=Outcome.choices, blank=True)
    created_at = models.DateTimeField()

    objects = OrganizationScopedManager()

    class Meta:
        db_table = "dunning"
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at=None, outcome="", next_at__isnull=False)
                | Q(
                    ended_at__isnull=False,
                    next_at=None,
                    outcome__in=["paid", "settled", "exhausted"],
                ),
                name="dunning_due_until_ended",
            ),
        ]
        indexes = [
            models.Index(fields=["next_at"], condition=Q(ended_at=None), name="dunnings_due"),
        ]
