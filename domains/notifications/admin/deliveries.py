"""What left to whom through which channel, as staff see it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import action, display

from domains.notifications.admin import traces
from domains.notifications.admin.base import Admin
from domains.notifications.models import (
    Channel,
    Delivery,
    DeliveryState,
)
from domains.notifications.services.deciding import categories
from domains.notifications.services.sending import attempts
from kernel.clock import now
from kernel.jobs import ring

ATTEMPTS = (
    "created_at",
    "due_at",
    "attempts",
    "failure",
    "failed_at",
    "handed_over_at",
    "uncertain_attempts",
    "redrives",
    "provider",
)


@admin.register(Delivery)
class DeliveryAdmin(Admin):
    list_display = (
        "address",
        "subject",
        "kind",
        "channel",
        "category_key",
        "labelled_state",
        "reason",
        "attempts",
        "due_at",
        "sent_at",
    )
    list_filter = ("state", "failure", "channel", "message__kind", "created_at")
    list_select_related = ("message",)
    search_fields = (
        "id__exact",
        "account_id__exact",
        "message__organization_id__exact",
        "mail_id",
        "address",
        "subject",
    )
    date_hierarchy = "created_at"
    readonly_fields = ("rendered_html", "rendered_text", "kind", "category_key", "steps")
    fieldsets = (
        (None, {"fields": ("address", "subject", "kind", "state", "reason", "sent_at")}),
        ("Why", {"fields": ("steps",)}),
        ("What it says", {"fields": ("rendered_html", "rendered_text")}),
        (
            "Delivery",
            {
                "fields": (
                    "message",
                    "channel",
                    "category_key",
                    "recipient",
                    "account_id",
                    "digest",
                    "mail_id",
                )
            },
        ),
        ("Attempts", {"fields": ATTEMPTS}),
    )
    actions = ("send_again",)

    @display(description="Kind", ordering="message__kind")
    def kind(self, delivery: Delivery) -> str:
        return delivery.message.kind

    @display(description="Category", ordering="category")
    def category_key(self, delivery: Delivery) -> str:
        """Return what the product or the organization calls it by."""
        whose = delivery.message.organization_id
        known = categories.keys_of([(whose, delivery.category)])
        return known.get(delivery.category, delivery.category)

    @display(description="Trace")
    def steps(self, delivery: Delivery) -> str | SafeString:
        return traces.table(delivery.trace)

    @display(description="As HTML")
    def rendered_html(self, delivery: Delivery) -> str | SafeString:
        if delivery.channel != Channel.EMAIL:
            return "Only mails have it"
        if not delivery.html:
            return "Not rendered yet"
        # An empty sandbox: no script, no form, no navigation, an origin of its own.
        return format_html(
            '<iframe class="staff-mail" sandbox="" title="{}" srcdoc="{}"></iframe>',
            f"Mail: {delivery.subject}",
            delivery.html,
        )

    @display(description="As text")
    def rendered_text(self, delivery: Delivery) -> str | SafeString:
        if not delivery.text:
            return "Not rendered yet"
        return format_html('<pre class="staff-text">{}</pre>', delivery.text)

    @action(description="Send again", permissions=["redrive"])
    def send_again(self, request: HttpRequest, rows: QuerySet[Delivery]) -> None:
        count = 0
        # What is in the app is there.
        outside = rows.exclude(channel=Channel.IN_APP)
        for delivery in outside.exclude(state=DeliveryState.CLAIMED):
            self.log_deed(request, delivery, "Sent again")
            if attempts.send_again(delivery_id=delivery.id, now=now()):
                ring("notifications.send_deliveries", [str(delivery.id)])
                count += 1
        messages.success(request, f"{count} messages will be sent again.")

    def organization_of(self, row: Delivery) -> UUID | None:
        """Return the organization that the mail is about."""
        return row.message.organization_id
