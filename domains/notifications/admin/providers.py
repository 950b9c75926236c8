"""How providers do, and which addresses nothing goes to, as staff see it."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.decorators import action, display

from domains.notifications.admin.base import Admin
from domains.notifications.models import Provider, Suppression
from domains.notifications.services.sending import gate, suppressions
from kernel.clock import now
from kernel.staff import reason_of

STATES = {"closed": "success", "open": "danger"}


@admin.register(Provider)
class ProviderAdmin(Admin):
    list_display = ("key", "breaker", "failures", "failed_at", "retry_at", "last_error")
    list_filter = (("retry_at", admin.EmptyFieldListFilter),)
    search_fields = ("key",)
    ordering = ("key",)
    fields = (*list_display, "openings", "next_slot_at")
    readonly_fields = ("breaker",)
    actions = ("close",)

    @display(description="Breaker", label=STATES)
    def breaker(self, provider: Provider) -> str:
        return "closed" if provider.retry_at is None else "open"

    @action(description="Ask it again at once", permissions=["redrive"])
    def close(self, request: HttpRequest, rows: QuerySet[Provider]) -> None:
        count = 0
        for provider in rows.filter(retry_at__isnull=False):
            self.log_deed(request, provider, "Breaker closed")
            count += gate.close(key=provider.key)
        messages.success(request, f"{count} providers are asked again.")


@admin.register(Suppression)
class SuppressionAdmin(Admin):
    list_display = ("address", "cause", "category", "organization_id", "created_at", "lifted_at")
    list_filter = ("cause", "channel", ("lifted_at", admin.EmptyFieldListFilter), "created_at")
    search_fields = ("id__exact", "address__exact", "organization_id__exact")
    fields = (*list_display, "channel", "provider", "detail", "lifted_because")
    actions = ("lift",)

    @action(description="Send there again", permissions=["redrive"])
    def lift(self, request: HttpRequest, rows: QuerySet[Suppression]) -> None:
        count = 0
        for row in rows.filter(lifted_at=None):
            self.log_deed(request, row, "Lifted")
            count += suppressions.lift(
                suppression_id=row.id, reason=str(reason_of(request)), now=now()
            )
        messages.success(request, f"{count} addresses get mail again.")
