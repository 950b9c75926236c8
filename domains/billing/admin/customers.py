"""Who is billed, and for what."""

from __future__ import annotations

from django.contrib import admin
from unfold.decorators import display

from domains.billing.models import (
    Customer,
    ProviderCustomer,
    ScheduledChange,
    Subscription,
    SubscriptionItem,
)
from kernel.staff import ReadOnlyAdmin

_LABELS = {
    "active": "success",
    "trialing": "info",
    "incomplete": "info",
    "past_due": "warning",
    "paused": "warning",
    "unpaid": "danger",
}


@admin.register(Customer)
class CustomerAdmin(ReadOnlyAdmin):
    list_display = ("organization_id", "plan", "currency", "country", "activated_at", "created_at")
    list_filter = ("plan", "currency", "activated_at")
    search_fields = ("organization_id__exact", "id__exact", "vat_id__exact")
    ordering = ("-id",)
    date_hierarchy = "created_at"


@admin.register(ProviderCustomer)
class ProviderCustomerAdmin(ReadOnlyAdmin):
    list_display = ("organization_id", "provider", "reference", "created_at")
    list_filter = ("provider",)
    search_fields = ("organization_id__exact", "reference__exact")
    ordering = ("-id",)


@admin.register(Subscription)
class SubscriptionAdmin(ReadOnlyAdmin):
    list_display = (
        "organization_id",
        "labelled_state",
        "currency",
        "period_start",
        "period_end",
        "created_at",
    )
    list_filter = ("state", "currency", "comped", "created_at")
    search_fields = ("organization_id__exact", "id__exact")
    ordering = ("-id",)
    date_hierarchy = "created_at"

    @display(description="State", ordering="state", label=_LABELS)
    def labelled_state(self, subscription: Subscription) -> tuple[str, str]:
        return subscription.state, subscription.get_state_display()


@admin.register(SubscriptionItem)
class SubscriptionItemAdmin(ReadOnlyAdmin):
    list_display = ("organization_id", "product", "price", "quantity", "started_at", "ended_at")
    list_filter = ("product", "is_plan")
    search_fields = ("organization_id__exact", "product")
    ordering = ("-id",)
    list_select_related = ("price",)


@admin.register(ScheduledChange)
class ScheduledChangeAdmin(ReadOnlyAdmin):
    list_display = ("organization_id", "kind", "due_at", "state", "created_at")
    list_filter = ("kind", "state", "due_at")
    search_fields = ("organization_id__exact", "id__exact")
    ordering = ("-id",)
