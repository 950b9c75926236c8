"""What people see in the app, as staff see it."""

from __future__ import annotations

from django.contrib import admin

from domains.notifications.admin.base import Admin
from domains.notifications.models import (
    Notification,
)


@admin.register(Notification)
class NotificationAdmin(Admin):
    list_display = ("title", "kind", "account_id", "organization_name", "created_at", "read_at")
    list_filter = ("kind", ("read_at", admin.EmptyFieldListFilter), "created_at")
    search_fields = ("id__exact", "account_id__exact", "organization_id__exact", "title")
    date_hierarchy = "created_at"
    raw_id_fields = ("message",)
