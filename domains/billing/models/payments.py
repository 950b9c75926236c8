"""Money on its way: what was to be paid, refunded or disputed, and what providers told of it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from domains.billing.models import money
from domains.billing.models.invoices import CreditNote, Invoice
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

    PROCESSING = "processing", "Being carried out"
    SUCCEEDED = "succeeded", "Succeeded"
    DECLINED = "declined", "Declined"
    REQUIRES_ACTION = "requires_action", "Waits for the customer's confirmation"
    CANCELED = "canceled", "Canceled"
    REJECTED = "rejected", "Rejected: the provider doesn't know the payment method"


class PaymentMethod(models.Model):
    """A card or an account at a provider that an organization may pay with; never its number."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization_id = models.UUIDField()
    provider = models.CharField(max_length=16)
    reference = of_person(models.CharField(max_length=255, help_text="The provider's id of it"))
    account_id = of_person(models.UUIDField(null=True, help_text="Who attached it"))
    kind = models.CharField(max_length=16, default="card")
    brand = models.CharField(max_length=32, blank=True)
    last4 = of_person(models.CharField(max_length=4, blank=True))
    expires_on = models.DateField(null=True, help_text="The last day on which the card is good")
    is_default = models.BooleanField(default=False)
    expiry_told_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    detached_at = models.DateTimeField(null=True)

    objects = OrganizationScopedManager()

    class Meta:
        db_table = "payment_method"
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "provider", "reference"],
                condition=Q(detached_at=None),
                name="payment_method_attached_once",
            ),
            models.UniqueConstraint(
                fields=["organization_id", "provider"],
                condition=Q(is_default=True, detached_at=None),
                name="payment_method_one_default",
            ),
        ]


class PaymentIntent(models.Model):
    """A payment, written before the provider is asked and settled after.

    It pays an open invoice, or a change that comes into force when it is paid (`quote`: the lines
    that were shown, to the last digit; the invoice is made from them when the money is there).
    """

    KEY_PREFIX = "payment-intent-"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization_id = models.UUIDField(db_index=True)
    account_id = of_person(
        models.UUIDField(null=True, help_text="Who asked for what is paid; none if a date did")
    )
    invoice = models.ForeignKey(Invoice, models.PROTECT, null=True, related_name="payments")
    plan = models.CharField(max_length=64, blank=True)
    quote = models.JSONField(null=True)
    amount = models.PositiveBigIntegerField(help_text="In minor units of the currency")
    currency = money.currency()
    provider = models.CharField(max_length=16)
    payment_method = of_person(models.CharField(max_length=255))
    off_session = models.BooleanField(default=False, help_text="Nobody is there to confirm it")
    state = models.CharField(
        max_length=21, choices=PaymentState.choices, default=PaymentState.PENDING
    )
    reason = models.CharField(max_length=64, blank=True, help_text="Why it failed")
    is_hard = models.BooleanField(default=False, help_text="Trying again can't help")
    reference = models.CharField(max_length=255, blank=True, help_text="The charge's id there")
    refunded = models.PositiveBigIntegerField(default=0, help_text="Open refunds among it")
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
            money.state_is_known("payment_intent", PaymentState),
            models.CheckConstraint(
                condition=Q(state__in=OPEN_STATES, settled_at__isnull=True)
                | (~Q(state__in=OPEN_STATES) & Q(settled_at__isnull=False)),
                name="payment_intent_open_until_settled",
            ),
            money.currency_is_one("payment_intent", amount__gt=0),
            models.CheckConstraint(
                condition=Q(refunded__lte=F("amount")), name="payment_intent_not_refunded_beyond"
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(state__in=OPEN_STATES), name="payment_intents_due"
            ),
            models.Index(fields=["reference"], name="payment_intents_by_reference"),
        ]

    def __str__(self) -> str:
        return f"Payment of {self.created_at:%Y-%m-%d} for {self.plan or self.invoice_id}"

    @property
    def idempotency_key(self) -> str:
        """What makes a repeated charge the same charge, for as long as the row stands."""
        return f"{self.KEY_PREFIX}{self.id}"

    @property
    def is_open(self) -> bool:
        """Whether its end isn't known yet."""
        return self.state in OPEN_STATES


class Transfer(PaymentIntent):
    """A payment that came by bank transfer, as staff record it."""

    class Meta:
        proxy = True


class RefundState(models.TextChoices):
    """How far a refund is."""

    PENDING = "pending", "Being carried out"
    SUCCEEDED = "succeeded", "Succeeded"
    FAILED = "failed", "Failed"


class Refund(models.Model):
    """Money to be sent back of a payment, written before the provider is asked."""

    KEY_PREFIX = "refund-"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization_id = models.UUIDField(db_index=True)
    intent = models.ForeignKey(PaymentIntent, models.PROTECT, related_name="refunds")
    credit_note = models.ForeignKey(CreditNote, models.PROTECT, null=True, related_name="refunds")
    amount = models.PositiveBigIntegerField(help_text="In minor units of the payment's currency")
    state = models.CharField(max_length=9, choices=RefundState.choices, default=RefundState.PENDING)
    reference = models.CharField(max_length=255, blank=True)
    reason = models.CharField(max_length=200, blank=True, help_text="Why it is given, or failed")
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    objects = OrganizationScopedManager()

    class Meta:
        db_table = "refund"
        constraints = [
            money.state_is_known("refund", RefundState),
            models.CheckConstraint(condition=Q(amount__gt=0), name="refund_of_something"),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="pending"), name="refunds_due"),
        ]

    @property
    def idempotency_key(self) -> str:
        """What makes a repeated refund the same refund."""
        return f"{self.KEY_PREFIX}{self.id}"


class Dispute(models.Model):
    """A payment that the customer's bank holds back until it is decided."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        WON = "won", "Won"
        LOST = "lost", "Lost"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization_id = models.UUIDField(db_index=True)
    intent = models.ForeignKey(PaymentIntent, models.PROTECT, related_name="disputes")
    provider = models.CharField(max_length=16)
    reference = models.CharField(max_length=255)
    amount = models.PositiveBigIntegerField()
    reason = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=4, choices=State.choices, default=State.OPEN)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    objects = OrganizationScopedManager()

    class Meta:
        db_table = "dispute"
        constraints = [
            models.UniqueConstraint(fields=["provider", "reference"], name="dispute_once"),
        ]


class ProviderEvent(models.Model):
    """Something that a provider told, kept before it was answered; applied by a job."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waits to be applied"
        APPLIED = "applied", "Applied"
        IGNORED = "ignored", "Of no interest"
        QUARANTINED = "quarantined", "Can't be applied"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    provider = models.CharField(max_length=16)
    event_id = models.CharField(max_length=255)
    kind = models.CharField(max_length=100)
    reference = models.CharField(max_length=255, blank=True, help_text="Of the object it is about")
    state = models.CharField(max_length=11, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)
    received_at = models.DateTimeField()
    due_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "provider_event"
        constraints = [
            models.UniqueConstraint(fields=["provider", "event_id"], name="provider_event_once"),
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(state="waiting"), name="provider_events_due"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.event_id}"
