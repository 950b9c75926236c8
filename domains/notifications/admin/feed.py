"""What people see in the app, as staff see it."""

from __future__ import annotations

from django.contrib import admin

from domains.notifications.admin.base import Admin
from domains.notifications.models import Feed, Notification, StreamTicket


@admin.register(Notification)
class NotificationAdmin(Admin):
    list_display = (
        "title",
        "kind",
        "category",
        "account_id",
        "sequence",
        "organization_name",
        "created_at",
        "read_at",
        "archived_at",
    )
    list_filter = (
        "category",
        "kind",
        ("read_at", admin.EmptyFieldListFilter),
        ("archived_at", admin.EmptyFieldListFilter),
        "created_at",
    )
    search_fields = ("id__exact", "account_id__exact", "organization_id__exact", "title")
    date_hierarchy = "created_at"
    raw_id_fields = ("message",)


@admin.register(Feed)
class FeedAdmin(Admin):
    list_display = ("account_id", "unread", "unseen", "last_sequence", "seen_sequence", "seen_at")
    search_fields = ("account_id__exact",)
    ordering = ("-account_id",)


@admin.register(StreamTicket)
class StreamTicketAdmin(Admin):
    list_display = ("account_id", "session_id", "impersonator_id", "expires_at")
    search_fields = ("account_id__exact", "session_id__exact")
    exclude = ("ticket_hash",)
