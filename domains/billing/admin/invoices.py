"""Invoices and credit notes."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from unfold.decorators import action, display

from domains.billing.admin import deeds
from domains.billing.admin.money import MoneyAdmin
from domains.billing.models import (
    CreditNote,
    CreditNoteLine,
    Invoice,
    InvoiceLine,
    NumberSequence,
)
from kernel.staff import DeedsAdmin, ReadOnlyAdmin

LABELS = {"paid": "success", "open": "warning", "draft": "info", "uncollectible": "danger"}


@admin.register(Invoice)
class InvoiceAdmin(DeedsAdmin, MoneyAdmin, ReadOnlyAdmin):
    table = {"credit": deeds.CREDIT}
    actions_detail = tuple(table)
    money = (
        "subtotal",
        "discount",
        "tax",
        "to_balance",
        "total",
        "balance_used",
        "paid",
        "credited",
    )
    list_display = ("number", "organization_id", "labelled_state", "total", "cause", "issued_at")
    list_filter = ("state", "cause", "currency", "issued_at")
    search_fields = ("number", "organization_id__exact", "id__exact")
    ordering = ("-id",)
    date_hierarchy = "created_at"

    @display(description="State", ordering="state", label=LABELS)
    def labelled_state(self, invoice: Invoice) -> tuple[str, str]:
        return invoice.state, invoice.get_state_display()

    def has_credit_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Return whether the user may take invoices back."""
        return bool(request.user.has_perm("domains_billing.add_creditnote"))

    @action(description=deeds.CREDIT.title, permissions=["credit"])
    def credit(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.do_deed(request, object_id, deeds.CREDIT)


@admin.register(InvoiceLine)
class InvoiceLineAdmin(MoneyAdmin, ReadOnlyAdmin):
    money = ("amount", "discount", "net", "tax", "credited", "credited_tax")
    list_display = ("organization_id", "invoice", "kind", "description", "quantity", "net", "tax")
    list_filter = ("kind", "product")
    search_fields = ("organization_id__exact", "invoice__number")
    ordering = ("-id",)
    list_select_related = ("invoice",)

    def currency_of(self, row: InvoiceLine) -> str:
        """Return the invoice's."""
        return row.invoice.currency


@admin.register(CreditNote)
class CreditNoteAdmin(MoneyAdmin, ReadOnlyAdmin):
    money = ("net", "tax", "total", "to_invoice", "to_balance", "to_refund")
    list_display = ("number", "organization_id", "invoice", "total", "reason", "issued_at")
    list_filter = ("currency", "issued_at")
    search_fields = ("number", "organization_id__exact", "invoice__number")
    ordering = ("-id",)
    list_select_related = ("invoice",)


@admin.register(CreditNoteLine)
class CreditNoteLineAdmin(MoneyAdmin, ReadOnlyAdmin):
    money = ("net", "tax")
    list_display = ("organization_id", "credit_note", "net", "tax")
    search_fields = ("organization_id__exact", "credit_note__number")
    ordering = ("-id",)
    list_select_related = ("credit_note",)

    def currency_of(self, row: CreditNoteLine) -> str:
        """Return the credit note's."""
        return row.credit_note.currency


@admin.register(NumberSequence)
class NumberSequenceAdmin(ReadOnlyAdmin):
    list_display = ("scope", "prefix", "next")
    search_fields = ("scope",)
    ordering = ("scope",)
