"""What was told, as staff see it."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.decorators import action

from domains.notifications.admin.base import Admin
from domains.notifications.models import (
    Message,
    MessageState,
)
from domains.notifications.services.fanout import expansion
from kernel.clock import now
from kernel.jobs import ring


@admin.register(Message)
class MessageAdmin(Admin):
    list_display = (
        "kind",
        "source",
        "category",
        "labelled_state",
        "recipients",
        "organization_id",
        "occurred_at",
        "expanded_at",
        "note",
    )
    list_filter = ("state", "source", "priority", "kind", "occurred_at")
    search_fields = ("id__exact", "event_id__exact", "organization_id__exact", "kind", "reference")
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
