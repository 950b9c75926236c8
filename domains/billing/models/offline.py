"""The book of the offline provider: what a real one would keep on its own servers.

Nothing but the provider's adapter reads or writes it.
"""

from __future__ import annotations

from typing import Any

from django.db import models

from domains.billing.models import money
from domains.billing.models.payments import ChargeStatus
from kernel.ids import uuid7


class OfflineCharge(models.Model):
    """A charge in the book of the offline provider."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    idempotency_key = models.CharField(max_length=255, unique=True)
    amount = models.PositiveBigIntegerField(help_text="In minor units of the currency")
    currency = money.currency()
    payment_method = models.CharField(max_length=255)
    status = models.CharField(max_length=21, choices=ChargeStatus.choices)
    reason = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "offline_charge"
        constraints = [money.currency_is_one("offline_charge", amount__gt=0)]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency} by {self.payment_method}"

    @property
    def terms(self) -> tuple[Any, ...]:
        """What a repetition under the same idempotency key has to repeat."""
        return self.amount, self.currency, self.payment_method
