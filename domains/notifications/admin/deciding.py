"""What organizations and people said of how they are told, as staff see it."""

from __future__ import annotations

from django.contrib import admin

from domains.notifications.admin.base import Admin
from domains.notifications.models import (
    Category,
    DefaultPreference,
    Digest,
    Mute,
    Preference,
    Rhythm,
    Throttle,
)


@admin.register(Category)
class CategoryAdmin(Admin):
    list_display = ("name", "key", "organization_id", "created_at")
    search_fields = ("id__exact", "organization_id__exact", "key", "name")


@admin.register(Throttle)
class ThrottleAdmin(Admin):
    list_display = ("category", "organization_id", "most", "period")
    search_fields = ("organization_id__exact", "category")


@admin.register(DefaultPreference)
class DefaultPreferenceAdmin(Admin):
    list_display = ("category", "channel", "frequency", "organization_id")
    list_filter = ("channel", "frequency")
    search_fields = ("organization_id__exact", "category")


@admin.register(Preference)
class PreferenceAdmin(Admin):
    list_display = ("category", "channel", "frequency", "account_id", "changed_at")
    list_filter = ("channel", "frequency", "changed_at")
    search_fields = ("account_id__exact", "category")


@admin.register(Rhythm)
class RhythmAdmin(Admin):
    ordering = ("account_id",)
    list_display = ("account_id", "quiet_from", "quiet_until", "digest_hour", "digest_day")
    search_fields = ("account_id__exact",)


@admin.register(Mute)
class MuteAdmin(Admin):
    list_display = ("subject_id", "account_id", "created_at")
    search_fields = ("account_id__exact", "subject_id__exact")


@admin.register(Digest)
class DigestAdmin(Admin):
    list_display = (
        "category",
        "channel",
        "frequency",
        "account_id",
        "due_at",
        "closed_at",
        "items",
    )
    list_filter = ("frequency", "channel", ("closed_at", admin.EmptyFieldListFilter))
    search_fields = ("id__exact", "account_id__exact", "organization_id__exact")
    date_hierarchy = "due_at"
