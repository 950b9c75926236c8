"""What people asked for of their own, and what became of it."""

from __future__ import annotations

from django.contrib import admin
from unfold.decorators import display

from domains.users.admin.audit import STATES
from domains.users.models import ErasureAnswer, ErasureReceipt, PersonExport
from kernel.staff import ReadOnlyAdmin


@admin.register(PersonExport)
class PersonExportAdmin(ReadOnlyAdmin):
    list_display = ("account_id", "shown_state", "attempts", "created_at", "expires_at")
    list_filter = ("state", "created_at")
    search_fields = ("id__exact", "account_id__exact")
    ordering = ("-id",)
    fields = (*list_display, "size", "sha256", "reason", "due_at", "ready_at")

    @display(description="State", ordering="state", label=STATES)
    def shown_state(self, row: PersonExport) -> tuple[str, str]:
        return row.state, row.get_state_display()


@admin.register(ErasureReceipt)
class ErasureReceiptAdmin(ReadOnlyAdmin):
    list_display = ("account_id", "requested_at", "erased_at")
    list_filter = (("erased_at", admin.EmptyFieldListFilter),)
    search_fields = ("account_id__exact",)
    ordering = ("-account_id",)
    fields = list_display


@admin.register(ErasureAnswer)
class ErasureAnswerAdmin(ReadOnlyAdmin):
    list_display = ("domain", "receipt", "answered_at")
    list_filter = ("domain", "answered_at")
    list_select_related = ("receipt",)
    search_fields = ("receipt__account_id__exact",)
    ordering = ("-id",)
    fields = (*list_display, "items")
