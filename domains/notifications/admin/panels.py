"""What the page of an organization shows of notifications."""

from __future__ import annotations

from django.urls import reverse

from domains.notifications.admin.base import LABELS
from domains.notifications.models import (
    Delivery,
)
from kernel.staff.panels import PANEL_ROWS, Cell, Panel, Subject, organization_panel


@organization_panel("Deliveries", order=50, permission="domains_notifications.view_delivery")
def deliveries(subject: Subject) -> Panel:
    """Show the newest of what people were told of the organization."""
    rows = Delivery.objects.filter(message__organization_id=subject.organization_id)
    page = reverse("admin:domains_notifications_delivery_changelist")
    return Panel(
        columns=("To", "Subject", "State", "Sent"),
        rows=[
            (
                Cell(
                    row.address or row.get_channel_display(),
                    url=reverse("admin:domains_notifications_delivery_change", args=[row.id]),
                ),
                Cell(row.subject or row.message.kind),
                Cell(row.get_state_display(), tone=LABELS[row.state]),
                Cell(row.sent_at),
            )
            for row in rows.select_related("message").order_by("-id")[:PANEL_ROWS]
        ],
        link=f"{page}?q={subject.organization_id}",
        empty="Nobody was told anything.",
    )
