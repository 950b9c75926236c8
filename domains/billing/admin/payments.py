"""Money on its way, and what providers told of it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from domains.billing.admin import deeds
from domains.billing.admin.money import MoneyAdmin
from domains.billing.models import (
    Dispute,
    Dunning,
    PaymentIntent,
    PaymentMethod,
    Refund,
    RefundState,
)
from domains.billing.services.payments import transfers
from kernel import clock
from kernel.staff import DeedsAdmin, ReadOnlyAdmin

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
class PaymentIntentAdmin(DeedsAdmin, MoneyAdmin, ReadOnlyAdmin):
    table = {"refund": deeds.REFUND, "refund_credit": deeds.REFUND_CREDIT}
    actions_detail = tuple(table)
    money = ("amount", "refunded")
    list_display = (
        "organization_id",
        "plan",
        "amount",
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

    def has_refund_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Return whether the user may have money sent back."""
        return bool(request.user.has_perm("domains_billing.add_refund"))

    @action(description=deeds.REFUND.title, permissions=["refund"], variant=ActionVariant.DANGER)
    def refund(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.do_deed(request, object_id, deeds.REFUND)

    @action(description=deeds.REFUND_CREDIT.title, permissions=["refund"])
    def refund_credit(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.do_deed(request, object_id, deeds.REFUND_CREDIT)


@admin.register(PaymentMethod)
class PaymentMethodAdmin(ReadOnlyAdmin):
    list_display = ("organization_id", "provider", "kind", "brand", "last4", "is_default")
    list_filter = ("provider", "kind", "is_default")
    search_fields = ("organization_id__exact", "reference__exact")
    ordering = ("-id",)


@admin.register(Refund)
class RefundAdmin(MoneyAdmin, ReadOnlyAdmin):
    money = ("amount",)
    list_display = ("organization_id", "intent", "amount", "labelled_state", "created_at")
    list_filter = ("state", "created_at")
    search_fields = ("organization_id__exact", "reference__exact")
    ordering = ("-id",)
    list_select_related = ("intent",)
    actions = ("mark_sent",)

    def currency_of(self, row: Refund) -> str:
        """Return the payment's."""
        return row.intent.currency

    @display(description="State", ordering="state", label=LABELS)
    def labelled_state(self, refund: Refund) -> tuple[str, str]:
        return refund.state, refund.get_state_display()

    def has_mark_sent_permission(self, request: HttpRequest) -> bool:
        """Return whether the user may say that money left the bank."""
        return bool(request.user.is_superuser)

    @action(description="Mark transfers as sent", permissions=["mark_sent"])
    def mark_sent(self, request: HttpRequest, refunds: QuerySet[Refund]) -> None:
        """Record that refunds of bank transfers were sent."""
        waiting = refunds.filter(state=RefundState.PENDING, intent__provider=transfers.MANUAL)
        rows = list(waiting.select_related("intent"))
        for refund in rows:
            self.log_deed(request, refund, "Marked as sent")
            transfers.mark_refund_sent(
                organization_id=refund.organization_id, refund_id=refund.id, now=clock.now()
            )
        messages.success(request, f"{len(rows)} refunds were marked as sent.")


@admin.register(Dispute)
class DisputeAdmin(MoneyAdmin, ReadOnlyAdmin):
    money = ("amount",)
    list_display = ("organization_id", "intent", "amount", "state", "opened_at", "closed_at")
    list_filter = ("state", "provider", "opened_at")
    search_fields = ("organization_id__exact", "reference__exact")
    ordering = ("-id",)
    list_select_related = ("intent",)

    def currency_of(self, row: Dispute) -> str:
        """Return the payment's."""
        return row.intent.currency


@admin.register(Dunning)
class DunningAdmin(ReadOnlyAdmin):
    list_display = ("organization_id", "invoice", "step", "reason", "next_at", "outcome")
    list_filter = ("outcome", "is_hard", "reason", "started_at")
    search_fields = ("organization_id__exact", "invoice__number")
    ordering = ("-id",)
    list_select_related = ("invoice",)
