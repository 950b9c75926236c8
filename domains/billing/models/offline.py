"""The book of the offline provider: what a real one would keep on its own servers.

Nothing but the provider's adapter reads or writes it.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q

from domains.billing.models import money
from domains.billing.models.payments import ChargeStatus, Dispute, RefundState
from kernel.ids import uuid7


class OfflineCustomer(models.Model):
    """A customer in the book of the offline provider."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    idempotency_key = models.CharField(max_length=255, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "offline_customer"


class OfflineMethod(models.Model):
    """A card that a customer keeps there; its token says how it behaves."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    customer = models.ForeignKey(OfflineCustomer, models.PROTECT, related_name="methods")
    token = models.CharField(max_length=255)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "offline_method"
        constraints = [
            models.UniqueConstraint(fields=["customer", "token"], name="offline_method_once"),
        ]


class OfflineCharge(models.Model):
    """A charge in the book of the offline provider."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    idempotency_key = models.CharField(max_length=255, unique=True)
    customer = models.CharField(max_length=255, blank=True)
    amount = models.PositiveBigIntegerField(help_text="In minor units of the currency")
    currency = money.currency()
    payment_method = models.CharField(max_length=255)
    status = models.CharField(max_length=21, choices=ChargeStatus.choices)
    reason = models.CharField(max_length=64, blank=True)
    refunded = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "offline_charge"
        constraints = [
            money.currency_is_one("offline_charge", amount__gt=0),
            models.CheckConstraint(
                condition=Q(refunded__lte=F("amount")), name="offline_charge_not_refunded_beyond"
            ),
        ]
        indexes = [models.Index(fields=["created_at"], name="offline_charges_by_time")]

    def __str__(self) -> str:
        return f"Charge by {self.payment_method}"

    @property
    def terms(self) -> tuple[Any, ...]:
        """What a repetition under the same idempotency key has to repeat."""
        return self.amount, self.currency, self.payment_method


class OfflineRefund(models.Model):
    """A refund in the book of the offline provider."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    idempotency_key = models.CharField(max_length=255, unique=True)
    charge = models.ForeignKey(OfflineCharge, models.PROTECT, related_name="refunds")
    amount = models.PositiveBigIntegerField(help_text="In minor units of the charge's currency")
    status = models.CharField(max_length=9, choices=RefundState.choices)
    reason = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "offline_refund"
        indexes = [models.Index(fields=["created_at"], name="offline_refunds_by_time")]


class OfflineDispute(models.Model):
    """A dispute in the book of the offline provider."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    charge = models.OneToOneField(OfflineCharge, models.PROTECT, related_name="dispute")
    state = models.CharField(
        max_length=4, choices=Dispute.State.choices, default=Dispute.State.OPEN
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "offline_dispute"


class OfflineEvent(models.Model):
    """Something the offline provider has to tell by a webhook."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=100)
    reference = models.CharField(max_length=255)
    created_at = models.DateTimeField(auto_now_add=True)
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "offline_event"
        indexes = [
            models.Index(
                fields=["id"], condition=Q(delivered_at=None), name="offline_events_to_tell"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}"
