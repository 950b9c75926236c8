"""Bank transfers: staff record what was received for an invoice."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest

from domains.billing.admin.money import MoneyAdmin, amount_field, to_minor
from domains.billing.models import Invoice, InvoiceState, Transfer
from domains.billing.services.payments import transfers
from kernel import clock


class TransferForm(ModelForm):
    """Asks what came, for which open invoice, and when."""

    amount = amount_field(help_text="What was received, in the invoice's currency: 29.00")

    def clean_invoice(self) -> Invoice:
        """Return the invoice; refuse one that is not open."""
        invoice: Invoice | None = self.cleaned_data["invoice"]
        if invoice is None or invoice.state != InvoiceState.OPEN:
            raise ValidationError("Choose an open invoice.")
        return invoice

    def clean_amount(self) -> int:
        """Return the amount in minor units, once there is an invoice that says of which."""
        invoice = self.cleaned_data.get("invoice")
        return to_minor(self.cleaned_data["amount"], invoice.currency) if invoice else 0


@admin.register(Transfer)
class TransferAdmin(MoneyAdmin):
    form = TransferForm
    money = ("amount",)
    list_display = ("organization_id", "invoice", "amount", "created_at")
    fields = ("invoice", "amount", "created_at")
    raw_id_fields = ("invoice",)
    search_fields = ("organization_id__exact", "invoice__number")
    ordering = ("-id",)
    list_select_related = ("invoice",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Transfer]:
        """Return the payments that came by bank transfer."""
        rows: QuerySet[Transfer] = super().get_queryset(request)
        return rows.filter(provider=transfers.MANUAL)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: what came is not corrected, but refunded."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False

    def save_model(
        self,
        request: HttpRequest,
        obj: Transfer,
        form: ModelForm,
        change: bool,  # noqa: FBT001  Django's signature
    ) -> None:
        """Record the transfer, with all that follows from it."""
        invoice = form.cleaned_data["invoice"]
        recorded = transfers.record_transfer(
            organization_id=invoice.organization_id,
            invoice_id=invoice.id,
            amount=form.cleaned_data["amount"],
            received_at=form.cleaned_data["created_at"],
            now=clock.now(),
        )
        obj.pk, obj.organization_id = recorded.pk, recorded.organization_id
