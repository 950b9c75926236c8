"""Invoices and credit notes: what was owed, as it was when it was said."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from domains.billing.models import money
from domains.billing.models.catalogue import Price
from domains.billing.models.subscriptions import Subscription
from kernel.ids import uuid7
from kernel.managers import OrganizationScopedManager


class InvoiceState(models.TextChoices):
    """How an invoice stands; `services.invoicing.states` says which may follow which."""

    DRAFT = "draft", "Draft"
    OPEN = "open", "Open"
    PAID = "paid", "Paid"
    VOID = "void", "Void"
    UNCOLLECTIBLE = "uncollectible", "Uncollectible"


class NumberSequence(models.Model):
    """Where the next number of invoices or credit notes comes from, under its row's lock."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    scope = models.CharField(max_length=64, unique=True, help_text="Whose numbers, and of what")
    prefix = models.CharField(max_length=24)
    next = models.PositiveBigIntegerField(default=1)

    class Meta:
        db_table = "number_sequence"

    def __str__(self) -> str:
        return self.scope


class Invoice(models.Model):
    """What an organization owes. From finalization on nothing of it changes but how it is paid."""

    class Cause(models.TextChoices):
        BEGIN = "begin", "A subscription began"
        RENEWAL = "renewal", "A period began"
        CHANGE = "change", "A subscription changed"
        END = "end", "A subscription ended"
        MANUAL = "manual", "Staff"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization_id = models.UUIDField()
    subscription = models.ForeignKey(
        Subscription, models.PROTECT, null=True, related_name="invoices"
    )
    number = models.CharField(max_length=64, null=True)  # noqa: DJ001  null is "none yet", and unique
    state = models.CharField(max_length=13, choices=InvoiceState.choices)
    cause = models.CharField(max_length=7, choices=Cause.choices)
    currency = money.currency()
    period_start = models.DateTimeField()
    period_end = models.DateTimeField()
    subtotal = money.amount(help_text="Lines before discounts, without tax that is in them")
    discount = money.amount(default=0)
    tax = money.amount(default=0)
    to_balance = money.amount(
        default=0, help_text="What it credits beyond its charges: kept for the customer"
    )
    total = money.amount(help_text="subtotal - discount + tax + to_balance")
    balance_used = money.amount(default=0, help_text="Taken from the customer's credit")
    paid = money.amount(default=0)
    credited = money.amount(default=0, help_text="By credit notes, before it was paid")
    taxes = models.JSONField(default=list, help_text="By rate: rate, base, amount, category, why")
    seller = models.JSONField(default=dict, help_text="As it was on finalization")
    buyer = models.JSONField(default=dict, help_text="As it was on finalization")
    time_zone = models.CharField(max_length=64, default="UTC")
    locale = models.CharField(max_length=35, default="en")
    created_at = models.DateTimeField()
    issued_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True, help_text="Paid, void or written off")
    memo = models.CharField(max_length=500, blank=True)

    objects = OrganizationScopedManager()

    class Meta:
        db_table = "invoice"
        constraints = [
            money.state_is_known("invoice", InvoiceState),
            money.currency_is_one("invoice"),
            models.UniqueConstraint(fields=["number"], name="invoice_number_once"),
            models.UniqueConstraint(
                fields=["subscription", "period_start"],
                condition=Q(cause="renewal") & ~Q(state="void"),
                name="invoice_one_renewal_a_period",
            ),
            models.CheckConstraint(
                condition=Q(state="draft", number=None, issued_at=None)
                | (~Q(state="draft") & Q(number__isnull=False, issued_at__isnull=False)),
                name="invoice_numbered_when_final",
            ),
            models.CheckConstraint(
                condition=Q(
                    total=F("subtotal") - F("discount") + F("tax") + F("to_balance"),
                    total__gte=0,
                ),
                name="invoice_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(to_balance=0) | Q(to_balance__gt=0, total=0),
                name="invoice_owes_or_is_owed",
            ),
            models.CheckConstraint(
                condition=Q(paid__gte=0, balance_used__gte=0, credited__gte=0)
                & Q(total__gte=F("paid") + F("balance_used") + F("credited")),
                name="invoice_not_overpaid",
            ),
            models.CheckConstraint(
                condition=~Q(state="paid") | Q(total=F("paid") + F("balance_used") + F("credited")),
                name="invoice_paid_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["organization_id", "-id"], name="invoices_of_one"),
            models.Index(fields=["due_at"], condition=Q(state="open"), name="invoices_open"),
        ]

    def __str__(self) -> str:
        return self.number or f"Draft of {self.created_at:%Y-%m-%d}"

    @property
    def due(self) -> int:
        """What is still to be paid, in minor units."""
        return self.total - self.balance_used - self.paid - self.credited


class InvoiceLine(models.Model):
    """One line: charged (positive) or credited (negative), rounded once."""

    class Kind(models.TextChoices):
        RECURRING = "recurring", "For a period"
        USAGE = "usage", "For what was used"
        PRORATION = "proration", "For the rest of a period"
        CREDIT = "credit", "For the part of a period that was paid and is not used"
        MANUAL = "manual", "By staff"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization_id = models.UUIDField()
    invoice = models.ForeignKey(Invoice, models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=9, choices=Kind.choices)
    description = models.CharField(max_length=300)
    product = models.CharField(max_length=64, blank=True)
    price = models.ForeignKey(Price, models.PROTECT, null=True)
    quantity = money.quantity()
    precise = money.precise(help_text="Minor units before rounding; with tax, if it is in them")
    amount = money.amount(help_text="Rounded; with tax, if it is in them")
    tax_inclusive = models.BooleanField(default=False)
    discount = money.amount(default=0, help_text="Its share of the discounts")
    net = money.amount(help_text="After discount, without tax")
    tax_rate = models.DecimalField(max_digits=9, decimal_places=6, default=0, help_text="0.19")
    tax_reason = models.CharField(max_length=32, blank=True, help_text="Why there is none")
    tax = money.amount(default=0)
    period_start = models.DateTimeField()
    period_end = models.DateTimeField()
    reverses = models.ForeignKey(
        "self", models.PROTECT, null=True, help_text="The charge that this credits"
    )
    credited = money.amount(default=0, help_text="Net, of this charge, by lines and credit notes")
    credited_tax = money.amount(default=0, help_text="…and its tax")
    details = models.JSONField(default=dict, help_text="By tier, where the price has some")

    objects = OrganizationScopedManager()

    class Meta:
        db_table = "invoice_line"
        constraints = [
            models.UniqueConstraint(fields=["invoice", "position"], name="invoice_line_in_order"),
            models.CheckConstraint(
                condition=Q(credited=0, credited_tax=0)
                | Q(
                    credited__gte=0,
                    credited__lte=F("net"),
                    credited_tax__gte=0,
                    credited_tax__lte=F("tax"),
                ),
                name="invoice_line_not_credited_beyond",
            ),
        ]


class CreditNote(models.Model):
    """What is taken back of a final invoice."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization_id = models.UUIDField(db_index=True)
    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="credit_notes")
    number = models.CharField(max_length=64, unique=True)
    currency = money.currency()
    net = money.amount()
    tax = money.amount()
    total = money.amount()
    to_invoice = money.amount(default=0, help_text="Taken off what was still due")
    to_balance = money.amount(default=0, help_text="Kept as the customer's credit")
    to_refund = money.amount(default=0, help_text="Sent back")
    reason = models.CharField(max_length=200)
    seller = models.JSONField(default=dict)
    buyer = models.JSONField(default=dict)
    issued_at = models.DateTimeField()

    objects = OrganizationScopedManager()

    class Meta:
        db_table = "credit_note"
        constraints = [
            money.currency_is_one("credit_note"),
            models.CheckConstraint(
                condition=Q(total=F("net") + F("tax"), total__gt=0)
                & Q(total=F("to_invoice") + F("to_balance") + F("to_refund"))
                & Q(to_invoice__gte=0, to_balance__gte=0, to_refund__gte=0),
                name="credit_note_adds_up",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class CreditNoteLine(models.Model):
    """The part of an invoice's line that a credit note takes back."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization_id = models.UUIDField()
    credit_note = models.ForeignKey(CreditNote, models.CASCADE, related_name="lines")
    line = models.ForeignKey(InvoiceLine, models.PROTECT, related_name="credit_note_lines")
    net = money.amount()
    tax = money.amount()

    objects = OrganizationScopedManager()

    class Meta:
        db_table = "credit_note_line"
        constraints = [
            models.UniqueConstraint(fields=["credit_note", "line"], name="credit_note_line_once"),
            models.CheckConstraint(condition=Q(net__gte=0, tax__gte=0), name="credit_note_line_ok"),
        ]
