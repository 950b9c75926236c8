"""Billing as staff see it. Plans and payments change by what customers do, never by hand."""

from __future__ import annotations

from uuid import UUID

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from unfold.decorators import action, display

from domains.billing.models import ChargeStatus, OfflineCharge, PaymentIntent, Subscription
from domains.billing.services.entitlements import get_entitlements
from domains.billing.services.payments.offline import OfflineProvider
from kernel.jobs import ring
from kernel.staff import ReadOnlyAdmin
from kernel.staff.panels import PANEL_ROWS, Cell, Panel, Subject, organization_panel, pairs

_LABELS = {
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
        return f"{row.amount} {row.currency} (minor units)"


@admin.register(Subscription)
class SubscriptionAdmin(ReadOnlyAdmin):
    list_display = ("organization_id", "plan", "activated_at", "created_at")
    list_filter = ("plan", "activated_at")
    search_fields = ("organization_id__exact", "id__exact")
    ordering = ("-id",)
    date_hierarchy = "created_at"


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

    @display(description="State", ordering="state", label=_LABELS)
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

    @display(description="Status", ordering="status", label=_LABELS)
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


def _of(subject: Subject, model: str) -> str:
    page = reverse(f"admin:domains_billing_{model}_changelist")
    return f"{page}?organization_id__exact={subject.organization_id}"


@organization_panel("Plan", order=30, permission="domains_billing.view_subscription")
def plan(subject: Subject) -> Panel:
    """Show the plan, and what it allows."""
    paid = Subscription.objects.filter(organization_id=subject.organization_id).first()
    [allowed] = get_entitlements(organization_ids=[subject.organization_id])
    return Panel(
        columns=("What", "How much"),
        rows=pairs(
            plan=allowed.plan,
            since=paid.activated_at if paid else "the beginning",
            seats=allowed.seats,
            storage=filesizeformat(allowed.storage_bytes),
            requests_a_minute=allowed.requests_per_minute,
        ),
        link=_of(subject, "subscription"),
    )


@organization_panel("Payments", order=31, permission="domains_billing.view_paymentintent")
def payments(subject: Subject) -> Panel:
    """Show the newest payments."""
    rows = PaymentIntent.objects.filter(organization_id=subject.organization_id).order_by("-id")
    return Panel(
        columns=("When", "Plan", "Price", "State"),
        rows=[
            (
                Cell(
                    row.created_at,
                    url=reverse("admin:domains_billing_paymentintent_change", args=[row.id]),
                ),
                Cell(row.plan),
                Cell(f"{row.amount} {row.currency} (minor units)"),
                Cell(row.get_state_display(), tone=_LABELS.get(row.state, "info")),
            )
            for row in rows[:PANEL_ROWS]
        ],
        link=_of(subject, "paymentintent"),
    )
