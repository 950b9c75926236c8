"""The JSON of invoices and credit notes."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from domains.billing.models import Invoice, InvoiceLine, InvoiceState
from domains.billing.services.invoicing import reading
from kernel.rest import MoneyField, Serializer, TimestampField

FINAL = [state.value for state in InvoiceState if state != InvoiceState.DRAFT]


@extend_schema_field(MoneyField)
class AmountField(serializers.Field):
    """A column of minor units, shown with its row's currency."""

    def __init__(self, column: str, **options: Any) -> None:
        super().__init__(source="*", read_only=True, **options)
        self.column = column

    def to_representation(self, row: Any) -> dict[str, Any]:
        """Return the money."""
        return {"amount": getattr(row, self.column), "currency": row.currency}


class PartyOut(Serializer):
    """Who sells or buys, as it was on finalization."""

    name = serializers.CharField()
    address = serializers.JSONField()
    country = serializers.CharField(help_text="ISO 3166-1 alpha-2.")
    vat_id = serializers.CharField()


class TaxOut(Serializer):
    """All that is taxed at one rate, or not for one reason."""

    country = serializers.CharField()
    rate = serializers.CharField(help_text="0.19 is 19 %.")
    reason = serializers.CharField(help_text="Why there is none, such as `reverse_charge`.")
    base = serializers.IntegerField(help_text="In minor units.")
    amount = serializers.IntegerField(help_text="In minor units.")


class LineOut(Serializer):
    """A line of an invoice, in minor units of its currency."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(InvoiceLine.Kind.values)
    description = serializers.CharField()
    product = serializers.CharField()
    quantity = serializers.DecimalField(max_digits=30, decimal_places=12)
    amount = serializers.IntegerField(help_text="Before discount; with tax, if it is in the price.")
    tax_inclusive = serializers.BooleanField()
    discount = serializers.IntegerField()
    net = serializers.IntegerField(help_text="After discount, without tax.")
    tax_rate = serializers.DecimalField(max_digits=9, decimal_places=6)
    tax = serializers.IntegerField()
    credited = serializers.IntegerField(help_text="What was taken back of `net` since.")
    period_start = TimestampField()
    period_end = TimestampField()
    details = serializers.JSONField()


class InvoiceOut(Serializer):
    """An invoice, as it stands in a list."""

    id = serializers.UUIDField()
    organization_id = serializers.UUIDField()
    number = serializers.CharField()
    state = serializers.ChoiceField(FINAL)
    cause = serializers.ChoiceField(Invoice.Cause.values)
    period_start = TimestampField()
    period_end = TimestampField()
    subtotal = AmountField("subtotal", help_text="Without tax, before discounts.")
    discount = AmountField("discount", help_text="Without tax.")
    tax = AmountField("tax")
    to_balance = AmountField("to_balance", help_text="Credited beyond what was charged.")
    total = AmountField("total")
    balance_used = AmountField("balance_used", help_text="Paid from the customer's credit.")
    credited = AmountField("credited", help_text="Taken off by credit notes before it was paid.")
    paid = AmountField("paid")
    due = AmountField("due")
    issued_at = TimestampField()
    due_at = TimestampField()
    settled_at = TimestampField(allow_null=True, help_text="Paid, voided or written off.")


class InvoiceInFullOut(InvoiceOut):
    """An invoice with its lines and all that was kept of the day it was issued."""

    seller = PartyOut()
    buyer = PartyOut()
    taxes = TaxOut(many=True)
    lines = serializers.SerializerMethodField()
    memo = serializers.CharField()

    @extend_schema_field(LineOut(many=True))
    def get_lines(self, invoice: Invoice) -> list[dict[str, Any]]:
        """Return the lines in their order."""
        return LineOut.render_all(reading.lines_of(invoice))


class CreditNoteLineOut(Serializer):
    """What is taken back of a line, in minor units."""

    invoice_line_id = serializers.UUIDField(source="line_id")
    description = serializers.CharField(source="line.description")
    net = serializers.IntegerField()
    tax = serializers.IntegerField()


class CreditNoteOut(Serializer):
    """A credit note, as it stands in a list."""

    id = serializers.UUIDField()
    organization_id = serializers.UUIDField()
    invoice_id = serializers.UUIDField()
    number = serializers.CharField()
    reason = serializers.CharField()
    net = AmountField("net")
    tax = AmountField("tax")
    total = AmountField("total")
    to_invoice = AmountField("to_invoice", help_text="Taken off what was still due.")
    to_balance = AmountField("to_balance", help_text="Kept as the customer's credit.")
    to_refund = AmountField("to_refund", help_text="Sent back.")
    issued_at = TimestampField()


class CreditNoteInFullOut(CreditNoteOut):
    """A credit note with its lines."""

    lines = serializers.SerializerMethodField()

    @extend_schema_field(CreditNoteLineOut(many=True))
    def get_lines(self, note: Any) -> list[dict[str, Any]]:
        """Return the lines in the order of the invoice's."""
        return CreditNoteLineOut.render_all(reading.credited_lines_of(note))


class BalanceOut(Serializer):
    """The credit that pays the next invoices of its currency."""

    data = MoneyField(many=True)  # type: ignore[assignment]  # DRF takes fields off the class
