"""Invoices and credit notes."""

from __future__ import annotations

from django.contrib import admin
from unfold.decorators import display

from domains.billing.admin.money import shown
from domains.billing.models import (
    CreditNote,
    CreditNoteLine,
    Invoice,
    InvoiceLine,
    NumberSequence,
)
from kernel.staff import ReadOnlyAdmin

_LABELS = {"paid": "success", "open": "warning", "draft": "info", "uncollectible": "danger"}


@admin.register(Invoice)
class InvoiceAdmin(ReadOnlyAdmin):
    list_display = ("number", "organization_id", "labelled_state", "amount", "cause", "issued_at")
    list_filter = ("state", "cause", "currency", "issued_at")
    search_fields = ("number", "organization_id__exact", "id__exact")
    ordering = ("-id",)
    date_hierarchy = "created_at"

    @display(description="State", ordering="state", label=_LABELS)
    def labelled_state(self, invoice: Invoice) -> tuple[str, str]:
        return invoice.state, invoice.get_state_display()

    @display(description="Total", ordering="total")
    def amount(self, invoice: Invoice) -> str:
        return shown(invoice.total, invoice.currency)


@admin.register(InvoiceLine)
class InvoiceLineAdmin(ReadOnlyAdmin):
    list_display = ("organization_id", "invoice", "kind", "description", "quantity", "net", "tax")
    list_filter = ("kind", "product")
    search_fields = ("organization_id__exact", "invoice__number")
    ordering = ("-id",)
    list_select_related = ("invoice",)


@admin.register(CreditNote)
class CreditNoteAdmin(ReadOnlyAdmin):
    list_display = ("number", "organization_id", "invoice", "amount", "reason", "issued_at")
    list_filter = ("currency", "issued_at")
    search_fields = ("number", "organization_id__exact", "invoice__number")
    ordering = ("-id",)
    list_select_related = ("invoice",)

    @display(description="Total", ordering="total")
    def amount(self, note: CreditNote) -> str:
        return shown(note.total, note.currency)


@admin.register(CreditNoteLine)
class CreditNoteLineAdmin(ReadOnlyAdmin):
    list_display = ("organization_id", "credit_note", "net", "tax")
    search_fields = ("organization_id__exact", "credit_note__number")
    ordering = ("-id",)
    list_select_related = ("credit_note",)


@admin.register(NumberSequence)
class NumberSequenceAdmin(ReadOnlyAdmin):
    list_display = ("scope", "prefix", "next")
    search_fields = ("scope",)
    ordering = ("scope",)
