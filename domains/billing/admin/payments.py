"""Money on its way, and the book of the offline provider."""

from __future__ import annotations

from uuid import UUID

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.decorators import action, display

from domains.billing.admin.money import shown
from domains.billing.models import (
    ChargeStatus,
    Dispute,
    OfflineCharge,
    PaymentIntent,
    PaymentMethod,
    ProviderEvent,
    Refund,
)
from domains.billing.services.payments.offline import OfflineProvider
from kernel.jobs import ring
from kernel.staff import ReadOnlyAdmin

LABELS = {
    "succeeded": "success",
    "failed": "danger",
    "declined": "danger",
    "pending": "info",
    "requires_action": "warning",
}


class PricedAdmin(ReadOnlyAdmin):
    """Rows that have a price."""

    @display(description="Price", ordering="amount")
    def price(self, row: PaymentIntent | OfflineCharge) -> str:
        return shown(row.amount, row.currency)


@admin.register(PaymentIntent)
class PaymentIntentAdmin(PricedAdmin):
    list_display = (
        "organization_id",
        "plan",
        "price",
        "labelled_state",
        "reason",
        "created_at",
        "settled_at",
    )
    list_filter = ("state", "plan", "reason", "created_at")
    search_fields = ("id__exact", "organization_id__exact", "account_id__exact", "reference")
    ordering = ("-id",)
    date_hierarchy = "created_at"

    @display(description="State", ordering="state", label=LABELS)
    def labelled_state(self, intent: PaymentIntent) -> tuple[str, str]:
        return intent.state, intent.get_state_display()


@admin.register(OfflineCharge)
class OfflineChargeAdmin(PricedAdmin):
    list_display = (
        "id",
        "price",
        "payment_method",
        "labelled_status",
        "reason",
        "created_at",
    )
    list_filter = ("status", "payment_method", "created_at")
    search_fields = ("id__exact", "idempotency_key__exact")
    ordering = ("-id",)
    actions = ("confirm",)

    @display(description="Status", ordering="status", label=LABELS)
    def labelled_status(self, charge: OfflineCharge) -> tuple[str, str]:
        return charge.status, charge.get_status_display()

    def organization_of(self, row: OfflineCharge) -> UUID | None:
        """Return who pays: the intent knows, the provider's book does not."""
        paid = PaymentIntent.objects.filter(reference=str(row.id))
        return paid.values_list("organization_id", flat=True).first()

    def has_confirm_permission(self, request: HttpRequest) -> bool:
        """Return whether the user may play the customer's bank."""
        return bool(request.user.is_superuser)

    @action(description="Confirm as the customer would", permissions=["confirm"])
    def confirm(self, request: HttpRequest, charges: QuerySet[OfflineCharge]) -> None:
        waiting = list(charges.filter(status=ChargeStatus.REQUIRES_ACTION))
        for charge in waiting:
            self.log_deed(request, charge, "Confirmed")
            OfflineProvider().confirm(reference=str(charge.id))
        references = [str(charge.id) for charge in waiting]
        for intent in PaymentIntent.objects.filter(reference__in=references):
            ring("billing.carry_out_payment", str(intent.organization_id), str(intent.id))
        messages.success(request, f"{len(waiting)} charges were confirmed.")


@admin.register(PaymentMethod)
class PaymentMethodAdmin(ReadOnlyAdmin):
    list_display = ("organization_id", "provider", "kind", "brand", "last4", "is_default")
    list_filter = ("provider", "kind", "is_default")
    search_fields = ("organization_id__exact", "reference__exact")
    ordering = ("-id",)


@admin.register(Refund)
class RefundAdmin(ReadOnlyAdmin):
    list_display = ("organization_id", "intent", "amount", "labelled_state", "created_at")
    list_filter = ("state", "created_at")
    search_fields = ("organization_id__exact", "reference__exact")
    ordering = ("-id",)
    list_select_related = ("intent",)

    @display(description="State", ordering="state", label=LABELS)
    def labelled_state(self, refund: Refund) -> tuple[str, str]:
        return refund.state, refund.get_state_display()


@admin.register(Dispute)
class DisputeAdmin(ReadOnlyAdmin):
    list_display = ("organization_id", "intent", "amount", "state", "opened_at", "closed_at")
    list_filter = ("state", "provider", "opened_at")
    search_fields = ("organization_id__exact", "reference__exact")
    ordering = ("-id",)
    list_select_related = ("intent",)


@admin.register(ProviderEvent)
class ProviderEventAdmin(ReadOnlyAdmin):
    list_display = ("event_id", "provider", "kind", "state", "attempts", "received_at")
    list_filter = ("state", "provider", "kind")
    search_fields = ("event_id__exact", "reference__exact")
    ordering = ("-id",)
    date_hierarchy = "received_at"
