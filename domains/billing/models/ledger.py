"""The books: double entry, only ever added to (docs/adr/0086 says how grants hold that)."""

from __future__ import annotations

from django.db import models

from domains.billing.models import money
from kernel.ids import uuid7
from kernel.managers import OrganizationScopedManager


class LedgerAccount(models.TextChoices):
    """What money can be. A debit is positive, a credit negative."""

    RECEIVABLE = "receivable", "Owed by customers"
    CASH = "cash", "Received"
    REVENUE = "revenue", "Earned"
    TAX = "tax", "Tax owed to the state"
    BALANCE = "balance", "Customers' credit"
    REFUNDS = "refunds", "On its way back to customers"
    DISPUTED = "disputed", "Held back by a dispute"
    WRITE_OFF = "write_off", "Written off"


class PostingGroup(models.Model):
    """One thing that happened to money; its postings sum to zero in each currency."""

    class Kind(models.TextChoices):
        INVOICE = "invoice", "Invoice"
        PAYMENT = "payment", "Payment"
        BALANCE = "balance", "Customer's credit used or given"
        CREDIT_NOTE = "credit_note", "Credit note"
        REFUND = "refund", "Refund"
        DISPUTE = "dispute", "Dispute"
        VOID = "void", "Void invoice"
        WRITE_OFF = "write_off", "Write-off"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization_id = models.UUIDField()
    kind = models.CharField(max_length=11, choices=Kind.choices)
    reference = models.CharField(
        max_length=100, help_text="Of what it tells: the id of the row, and which step of it"
    )
    posted_at = models.DateTimeField()

    objects = OrganizationScopedManager()

    class Meta:
        db_table = "posting_group"
        constraints = [
            models.UniqueConstraint(fields=["kind", "reference"], name="posting_group_once"),
        ]
        indexes = [models.Index(fields=["organization_id", "-id"], name="posting_groups_of_one")]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}"


class Posting(models.Model):
    """What one account got (positive, a debit) or gave (negative, a credit)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization_id = models.UUIDField()
    group = models.ForeignKey(PostingGroup, models.PROTECT, related_name="postings")
    account = models.CharField(max_length=10, choices=LedgerAccount.choices)
    currency = money.currency()
    amount = money.amount()

    objects = OrganizationScopedManager()

    class Meta:
        db_table = "posting"
        constraints = [
            money.currency_is_one("posting"),
            models.CheckConstraint(condition=~models.Q(amount=0), name="posting_moves_something"),
        ]
        indexes = [
            models.Index(
                fields=["organization_id", "account", "currency"],
                include=["amount"],
                name="postings_by_account",
            ),
        ]
