"""Where events are sent, and how that goes, as staff see it; secrets they don't."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import TabularInline
from unfold.decorators import action, display

from domains.notifications.admin.base import Admin
from domains.notifications.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from domains.notifications.services.webhooks import deliveries
from kernel.clock import now
from kernel.db import transaction

LABELS = {
    "active": "success",
    "paused": "info",
    "disabled": "danger",
    "pending": "info",
    "claimed": "info",
    "succeeded": "success",
    "dead": "danger",
}


class WebhookAdmin(Admin):
    """What both pages share."""

    @display(description="State", ordering="state", label=LABELS)
    def labelled_state(self, row: Any) -> tuple[str, str]:
        return row.state, row.get_state_display()


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(WebhookAdmin):
    list_display = (
        "host",
        "description",
        "organization_id",
        "labelled_state",
        "disabled_reason",
        "failing_since",
        "created_at",
    )
    list_filter = ("state", "is_ordered", "created_at")
    search_fields = ("id__exact", "organization_id__exact", "description")
    # The path of a URL may be a secret of the far side's.
    fields = (
        "host",
        "description",
        "organization_id",
        "event_types",
        "is_ordered",
        "state",
        "disabled_reason",
        "failing_since",
        "public_keys",
        "former_until",
        "created_at",
        "updated_at",
    )
    readonly_fields = ("host",)

    @display(description="Host")
    def host(self, endpoint: WebhookEndpoint) -> str:
        return endpoint.host


class AttemptInline(TabularInline):
    model = WebhookAttempt
    fields = (
        "attempted_at",
        "status",
        "latency_ms",
        "error",
        "request_headers",
        "response_headers",
        "response",
    )
    readonly_fields = fields
    ordering = ("-id",)
    extra = 0
    max_num = 0
    can_delete = False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever sees what is sent sees how that went."""
        return bool(request.user.has_perm("domains_notifications.view_webhookdelivery"))


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(WebhookAdmin):
    list_display = (
        "event_type",
        "endpoint",
        "organization_id",
        "labelled_state",
        "attempts",
        "due_at",
        "settled_at",
    )
    list_filter = ("state", "event_type", "created_at")
    list_select_related = ("endpoint",)
    search_fields = (
        "id__exact",
        "event_id__exact",
        "organization_id__exact",
        "endpoint__id__exact",
    )
    date_hierarchy = "created_at"
    raw_id_fields = ("endpoint",)
    inlines = (AttemptInline,)
    actions = ("replay",)

    @action(description="Send once more", permissions=["redrive"])
    def replay(self, request: HttpRequest, rows: QuerySet[WebhookDelivery]) -> None:
        ids = []
        for delivery in rows:
            self.log_deed(request, delivery, "Sent once more")
            ids.append(delivery.id)
        again = WebhookDelivery.objects.filter(id__in=ids)
        with transaction("notifications"):
            count = deliveries.start_over(again, now=now())
        messages.success(request, f"{count} webhooks will be sent once more.")
