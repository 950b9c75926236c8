"""The rows of billing: who has which plan, what was to be paid, and the offline provider's book."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from kernel.ids import uuid7
from kernel.managers import OrganizationScopedManager
from kernel.privacy.marks import of_person


class PaymentState(models.TextChoices):
    """How far a payment is; `services.payments.states` says which may follow which."""

    PENDING = "pending", "Being carried out"
    REQUIRES_ACTION = "requires_action", "Waits for the customer's confirmation"
    SUCCEEDED = "succeeded", "Succeeded"
    FAILED = "failed", "Failed"
    CANCELED = "canceled", "Canceled"


OPEN_STATES = (PaymentState.PENDING, PaymentState.REQUIRES_ACTION)


class ChargeStatus(models.TextChoices):
    """What has become of a charge, as every payment provider knows it."""

    SUCCEEDED = "succeeded", "Succeeded"
    DECLINED = "declined", "Declined"
    REQUIRES_ACTION = "requires_action", "Waits for the customer's confirmation"
    CANCELED = "canceled", "Canceled"
    REJECTED = "rejected", "Rejected: the provider doesn't know the payment method"


def _price_is_sane(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(amount__gt=0, currency__regex="^[A-Z]{3}$"), name=f"{name}_price_is_sane"
    )


class Subscription(models.Model):
    """Which plan an organization is on. Its row is the lock of all that happens to its plan."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization_id = models.UUIDField(unique=True)
    plan = models.CharField(max_length=64)
    activated_at = models.DateTimeField(null=True, help_text="Since when it is on this plan")
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(
        null=True, help_text="When the organization was erased: no plan comes into force after that"
    )

    objects = OrganizationScopedManager()

    class Meta:
        db_table = "subscription"
        constraints = [
            models.CheckConstraint(condition=~Q(plan=""), name="subscription_has_a_plan"),
        ]

    def __str__(self) -> str:
        return f"{self.plan} for {self.organization_id}"


class PaymentIntent(models.Model):
    """The payment for a plan, written before the provider is asked and settled after."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization_id = models.UUIDField(db_index=True)
    account_id = of_person(models.UUIDField(help_text="Who asked for the plan"))
    plan = models.CharField(max_length=64)
    amount = models.PositiveBigIntegerField(help_text="In minor units of the currency")
    currency = models.CharField(max_length=3)
    payment_method = of_person(models.CharField(max_length=255))
    state = models.CharField(
        max_length=21, choices=PaymentState.choices, default=PaymentState.PENDING
    )
    reason = models.CharField(max_length=64, blank=True, help_text="Why it failed")
    reference = models.CharField(max_length=255, blank=True, help_text="The charge's id there")
    created_at = models.DateTimeField()
    due_at = models.DateTimeField(help_text="When the sweep takes it up, if it is still open")
    expires_at = models.DateTimeField(null=True, help_text="Until when it can be confirmed")
    settled_at = models.DateTimeField(null=True)

    objects = OrganizationScopedManager()

    class Meta:
        db_table = "payment_intent"
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id"],
                condition=Q(state__in=OPEN_STATES),
                name="payment_intent_one_open",
            ),
            models.CheckConstraint(
                condition=Q(state__in=PaymentState.values), name="payment_intent_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=OPEN_STATES, settled_at__isnull=True)
                | (~Q(state__in=OPEN_STATES) & Q(settled_at__isnull=False)),
                name="payment_intent_open_until_settled",
            ),
            _price_is_sane("payment_intent"),
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(state__in=OPEN_STATES), name="payment_intents_due"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency} for {self.plan}"

    @property
    def idempotency_key(self) -> str:
        """What makes a repeated charge the same charge, for as long as the row stands."""
        return f"payment-intent-{self.id}"

    @property
    def is_open(self) -> bool:
        """Whether its end isn't known yet."""
        return self.state in OPEN_STATES


class OfflineCharge(models.Model):
    """A line in the book of the offline provider: what a real one would keep on its own servers.

    Nothing but the provider's adapter reads or writes it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    idempotency_key = models.CharField(max_length=255, unique=True)
    amount = models.PositiveBigIntegerField(help_text="In minor units of the currency")
    currency = models.CharField(max_length=3)
    payment_method = models.CharField(max_length=255)
    status = models.CharField(max_length=21, choices=ChargeStatus.choices)
    reason = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "offline_charge"
        constraints = [_price_is_sane("offline_charge")]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency} by {self.payment_method}"

    @property
    def terms(self) -> tuple[Any, ...]:
        """What a repetition under the same idempotency key has to repeat."""
        return self.amount, self.currency, self.payment_method
