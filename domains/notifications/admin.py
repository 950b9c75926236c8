"""Notifications as staff see them: what was told to whom, what left, and why something did not."""

from __future__ import annotations

from uuid import UUID

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import action, display

from domains.notifications.models import (
    Delivery,
    DeliveryState,
    Message,
    MessageState,
    Notification,
)
from domains.notifications.services import expansion, sending
from kernel.clock import now
from kernel.jobs import ring
from kernel.staff import ReadOnlyAdmin
from kernel.staff.panels import PANEL_ROWS, Cell, Panel, Subject, organization_panel

LABELS = {
    "pending": "info",
    "claimed": "info",
    "expanded": "success",
    "sent": "success",
    "suppressed": "warning",
    "dead": "danger",
}

ATTEMPTS = (
    "created_at",
    "due_at",
    "attempts",
    "failure",
    "failed_at",
    "handed_over_at",
    "uncertain_attempts",
    "redrives",
)


class Admin(ReadOnlyAdmin):
    """Read only; what may be done again, a superuser has done again."""

    ordering = ("-id",)

    @display(description="State", ordering="state", label=LABELS)
    def labelled_state(self, row: Message | Delivery) -> tuple[str, str]:
        return row.state, row.get_state_display()

    def has_redrive_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)


@admin.register(Message)
class MessageAdmin(Admin):
    list_display = (
        "kind",
        "labelled_state",
        "organization_id",
        "occurred_at",
        "expanded_at",
        "note",
    )
    list_filter = ("state", "kind", "occurred_at")
    search_fields = ("id__exact", "event_id__exact", "organization_id__exact", "kind")
    date_hierarchy = "created_at"
    actions = ("expand_again",)

    @action(description="Try to expand again", permissions=["redrive"])
    def expand_again(self, request: HttpRequest, rows: QuerySet[Message]) -> None:
        revived = []
        for message in rows.filter(state=MessageState.DEAD):
            self.log_deed(request, message, "Expanded again")
            if expansion.revive(message_id=message.id, now=now()):
                revived.append(str(message.id))
        ring("notifications.expand_messages", revived)
        messages.success(request, f"{len(revived)} messages will be expanded again.")


@admin.register(Notification)
class NotificationAdmin(Admin):
    list_display = ("title", "kind", "account_id", "organization_name", "created_at", "read_at")
    list_filter = ("kind", ("read_at", admin.EmptyFieldListFilter), "created_at")
    search_fields = ("id__exact", "account_id__exact", "organization_id__exact", "title")
    date_hierarchy = "created_at"
    raw_id_fields = ("message",)


@admin.register(Delivery)
class DeliveryAdmin(Admin):
    list_display = (
        "address",
        "subject",
        "kind",
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
    readonly_fields = ("rendered_html", "rendered_text", "kind")
    fieldsets = (
        (None, {"fields": ("address", "subject", "kind", "state", "reason", "sent_at")}),
        ("Mail", {"fields": ("rendered_html", "rendered_text")}),
        ("Delivery", {"fields": ("message", "channel", "recipient", "account_id", "mail_id")}),
        ("Attempts", {"fields": ATTEMPTS}),
    )
    actions = ("send_again",)

    @display(description="Kind", ordering="message__kind")
    def kind(self, delivery: Delivery) -> str:
        return delivery.message.kind

    @display(description="Mail as HTML")
    def rendered_html(self, delivery: Delivery) -> str | SafeString:
        if not delivery.html:
            return "Not rendered yet"
        # An empty sandbox: no script, no form, no navigation, an origin of its own.
        return format_html(
            '<iframe class="staff-mail" sandbox="" title="{}" srcdoc="{}"></iframe>',
            f"Mail: {delivery.subject}",
            delivery.html,
        )

    @display(description="Mail as text")
    def rendered_text(self, delivery: Delivery) -> str | SafeString:
        if not delivery.text:
            return "Not rendered yet"
        return format_html('<pre class="staff-text">{}</pre>', delivery.text)

    @action(description="Send again", permissions=["redrive"])
    def send_again(self, request: HttpRequest, rows: QuerySet[Delivery]) -> None:
        count = 0
        for delivery in rows.exclude(state=DeliveryState.CLAIMED):
            self.log_deed(request, delivery, "Sent again")
            if sending.send_again(delivery_id=delivery.id, now=now()):
                ring("notifications.send_delivery", str(delivery.id))
                count += 1
        messages.success(request, f"{count} mails will be sent again.")

    def organization_of(self, row: Delivery) -> UUID | None:
        """Return the organization that the mail is about."""
        return row.message.organization_id


@organization_panel("Deliveries", order=50, permission="domains_notifications.view_delivery")
def deliveries(subject: Subject) -> Panel:
    """Show the newest mails about the organization."""
    rows = Delivery.objects.filter(message__organization_id=subject.organization_id)
    page = reverse("admin:domains_notifications_delivery_changelist")
    return Panel(
        columns=("To", "Subject", "State", "Sent"),
        rows=[
            (
                Cell(
                    row.address,
                    url=reverse("admin:domains_notifications_delivery_change", args=[row.id]),
                ),
                Cell(row.subject or row.message.kind),
                Cell(row.get_state_display(), tone=LABELS[row.state]),
                Cell(row.sent_at),
            )
            for row in rows.select_related("message").order_by("-id")[:PANEL_ROWS]
        ],
        link=f"{page}?q={subject.organization_id}",
        empty="No mail was sent.",
    )
