from __future__ import annotations

from django.contrib import admin

from domains.auth.models import SignInThrottle, SignInTicket
from kernel.staff import ReadOnlyAdmin


@admin.register(SignInTicket)
class SignInTicketAdmin(ReadOnlyAdmin):
    list_display = ("account", "proven", "created_at", "expires_at", "attempts", "used_at")
    list_filter = (("used_at", admin.EmptyFieldListFilter), "created_at")
    list_select_related = ("account",)
    search_fields = ("account__email", "account__id")
    ordering = ("-created_at",)
    fields = (*list_display, "identity")


@admin.register(SignInThrottle)
class SignInThrottleAdmin(ReadOnlyAdmin):
    list_display = ("scope", "account", "failures", "window_started_at", "locks", "locked_until")
    list_filter = ("scope", ("locked_until", admin.EmptyFieldListFilter), "window_started_at")
    list_select_related = ("account",)
    search_fields = ("account__email", "account__id")
    ordering = ("-window_started_at",)
    fields = (*list_display, "noticed_at", "expires_at")
