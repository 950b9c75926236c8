"""Money on its way, and what providers told of it."""

from __future__ import annotations

from django.contrib import admin
from unfold.decorators import display

from domains.billing.admin.money import PricedAdmin
from domains.billing.models import (
    Dispute,
    Dunning,
    PaymentIntent,
    PaymentMethod,
    ProviderEvent,
    Refund,
)
from kernel.staff import ReadOnlyAdmin

LABELS = {
    "won": "success",
    "lost": "danger",
    "open": "warning",
    "succeeded": "success",
    "failed": "danger",
    "declined": "danger",
    "pending": "info",
    "requires_action": "warning",
}


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


@admin.register(Dunning)
class DunningAdmin(ReadOnlyAdmin):
    list_display = ("organization_id", "invoice", "step", "reason", "next_at", "outcome")
    list_filter = ("outcome", "is_hard", "reason", "started_at")
    search_fields = ("organization_id__exact", "invoice__number")
    ordering = ("-id",)
    list_select_related = ("invoice",)
