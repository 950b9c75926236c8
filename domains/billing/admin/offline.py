"""The book of the offline provider, and what a customer or a bank would do there."""

from __future__ import annotations

from uuid import UUID

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.decorators import action, display

from domains.billing.admin.money import MoneyAdmin
from domains.billing.admin.payments import LABELS
from domains.billing.models import (
    ChargeStatus,
    OfflineCharge,
    OfflineCustomer,
    OfflineDispute,
    OfflineEvent,
    OfflineMethod,
    OfflineRefund,
    PaymentIntent,
)
from domains.billing.services.payments.offline import OfflineProvider
from kernel.jobs import ring
from kernel.staff import ReadOnlyAdmin


@admin.register(OfflineCharge)
class OfflineChargeAdmin(MoneyAdmin, ReadOnlyAdmin):
    money = ("amount",)
    list_display = (
        "id",
        "amount",
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


@admin.register(OfflineCustomer)
class OfflineCustomerAdmin(ReadOnlyAdmin):
    list_display = ("id", "idempotency_key", "created_at")
    search_fields = ("id__exact", "idempotency_key__exact")
    ordering = ("-id",)


@admin.register(OfflineMethod)
class OfflineMethodAdmin(ReadOnlyAdmin):
    list_display = ("token", "customer_id", "created_at")
    list_filter = ("token",)
    search_fields = ("customer__id__exact",)
    ordering = ("-id",)


@admin.register(OfflineRefund)
class OfflineRefundAdmin(MoneyAdmin, ReadOnlyAdmin):
    money = ("amount",)
    list_display = ("id", "charge_id", "amount", "labelled_status", "reason", "created_at")
    list_filter = ("status", "created_at")
    search_fields = ("id__exact", "idempotency_key__exact", "charge__id__exact")
    ordering = ("-id",)
    list_select_related = ("charge",)

    def currency_of(self, row: OfflineRefund) -> str:
        """Return the charge's."""
        return row.charge.currency

    @display(description="Status", ordering="status", label=LABELS)
    def labelled_status(self, refund: OfflineRefund) -> tuple[str, str]:
        return refund.status, refund.get_status_display()


@admin.register(OfflineDispute)
class OfflineDisputeAdmin(ReadOnlyAdmin):
    list_display = ("id", "charge_id", "labelled_state", "created_at")
    list_filter = ("state", "created_at")
    search_fields = ("id__exact", "charge__id__exact")
    ordering = ("-id",)

    @display(description="State", ordering="state", label=LABELS)
    def labelled_state(self, dispute: OfflineDispute) -> tuple[str, str]:
        return dispute.state, dispute.get_state_display()


@admin.register(OfflineEvent)
class OfflineEventAdmin(ReadOnlyAdmin):
    list_display = ("kind", "reference", "created_at", "delivered_at")
    list_filter = ("kind", "created_at")
    search_fields = ("id__exact", "reference__exact")
    ordering = ("-id",)
