"""Money on its way, and what providers told of it."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.decorators import action, display

from domains.billing.admin.money import PricedAdmin
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
    actions = ("mark_sent",)

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
class DisputeAdmin(ReadOnlyAdmin):
    list_display = ("organization_id", "intent", "amount", "state", "opened_at", "closed_at")
    list_filter = ("state", "provider", "opened_at")
    search_fields = ("organization_id__exact", "reference__exact")
    ordering = ("-id",)
    list_select_related = ("intent",)


@admin.register(Dunning)
class DunningAdmin(ReadOnlyAdmin):
    list_display = ("organization_id", "invoice", "step", "reason", "next_at", "outcome")
    list_filter = ("outcome", "is_hard", "reason", "started_at")
    search_fields = ("organization_id__exact", "invoice__number")
    ordering = ("-id",)
    list_select_related = ("invoice",)
