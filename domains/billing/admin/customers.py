"""Who is billed, and for what."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from unfold.decorators import action, display

from domains.billing.admin import deeds, timeline_page
from domains.billing.models import (
    Customer,
    ProviderCustomer,
    ScheduledChange,
    Subscription,
    SubscriptionItem,
)
from domains.billing.services import catalogue
from domains.billing.services.exemptions import set_tax_exemption
from kernel.clock import now
from kernel.staff import CorrectableAdmin, DeedsAdmin, ReadOnlyAdmin

_LABELS = {
    "active": "success",
    "trialing": "info",
    "incomplete": "info",
    "past_due": "warning",
    "paused": "warning",
    "unpaid": "danger",
}


@admin.register(Customer)
class CustomerAdmin(DeedsAdmin, CorrectableAdmin):
    table = {"give_plan": deeds.GIVE}
    actions_detail = ("timeline", *table)
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

    def find(self, request: HttpRequest, object_id: Any) -> Customer:
        """Return the customer by its id or the organization's, who may have bought nothing yet.

        Raise `PermissionDenied` and `Http404`.
        """
        try:
            found: Customer = super().find(request, object_id)
        except Http404:
            return _of_organization(str(object_id))
        return found

    def page_of(self, row: Customer) -> str:
        """Return the row's own page; the timeline of one that has no row."""
        if not Customer.objects.filter(pk=row.pk).exists():
            return reverse("admin:domains_billing_customer_timeline", args=[row.organization_id])
        return super().page_of(row)

    def has_give_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Return whether the user may give plans away."""
        return bool(request.user.has_perm("domains_billing.add_subscription"))

    @action(description="Timeline", permissions=["view"])
    def timeline(self, request: HttpRequest, object_id: str) -> HttpResponse:
        customer = self.find(request, object_id)
        return timeline_page.show(request, customer, site=self.admin_site, options=self.opts)

    @action(description=deeds.GIVE.title, permissions=["give"])
    def give_plan(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.do_deed(request, object_id, deeds.GIVE)


def _of_organization(organization_id: str) -> Customer:
    try:
        known = UUID(organization_id)
    except ValueError:
        raise Http404 from None
    row = Customer.objects.within(known).first()
    return row or Customer(organization_id=known, plan=catalogue.FREE, created_at=now())


@admin.register(ProviderCustomer)
class ProviderCustomerAdmin(ReadOnlyAdmin):
    list_display = ("organization_id", "provider", "reference", "created_at")
    list_filter = ("provider",)
    search_fields = ("organization_id__exact", "reference__exact")
    ordering = ("-id",)


@admin.register(Subscription)
class SubscriptionAdmin(DeedsAdmin, ReadOnlyAdmin):
    table = {"extend_trial": deeds.EXTEND}
    actions_detail = tuple(table)
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

    def has_extend_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Return whether the user may have trials end later."""
        return bool(request.user.has_perm("domains_billing.change_subscription"))

    @action(description=deeds.EXTEND.title, permissions=["extend"])
    def extend_trial(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.do_deed(request, object_id, deeds.EXTEND)


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
