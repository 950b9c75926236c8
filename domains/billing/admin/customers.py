"""Who is billed, and for what."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.decorators import display

from domains.billing.models import (
    Customer,
    ProviderCustomer,
    ScheduledChange,
    Subscription,
    SubscriptionItem,
)
from domains.billing.services.exemptions import set_tax_exemption
from kernel.clock import now
from kernel.staff import CorrectableAdmin, ReadOnlyAdmin

_LABELS = {
    "active": "success",
    "trialing": "info",
    "incomplete": "info",
    "past_due": "warning",
    "paused": "warning",
    "unpaid": "danger",
}


@admin.register(Customer)
class CustomerAdmin(CorrectableAdmin):
    list_display = ("organization_id", "plan", "currency", "country", "activated_at", "created_at")
    list_filter = ("plan", "currency", "activated_at")
    search_fields = ("organization_id__exact", "id__exact", "vat_id__exact")
    ordering = ("-id",)
    date_hierarchy = "created_at"

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Return all that there is, and last what staff decide."""
        return [*self.get_readonly_fields(request, obj), "tax_exempt_reason"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Return all but whether the customer is exempt from taxes."""
        names = (field.name for field in self.opts.concrete_fields)
        return [name for name in names if name != "tax_exempt_reason"]

    def save_model(
        self,
        request: HttpRequest,
        obj: Customer,
        form: Any,
        change: bool,  # noqa: FBT001  Django's signature
    ) -> None:
        """Exempt the customer, or have it pay taxes again."""
        set_tax_exemption(
            organization_id=obj.organization_id, reason=obj.tax_exempt_reason, now=now()
        )


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
