from __future__ import annotations

from django.contrib import admin

from domains.auth.models import FederationFlow, Identity
from kernel.staff import ReadOnlyAdmin


@admin.register(Identity)
class IdentityAdmin(ReadOnlyAdmin):
    list_display = ("account", "provider", "subject", "email", "created_at", "last_used_at")
    list_filter = ("provider", "created_at")
    list_select_related = ("account",)
    search_fields = ("account__email", "account__id", "subject", "email")
    ordering = ("-created_at",)
    fields = (*list_display, "issuer")


@admin.register(FederationFlow)
class FederationFlowAdmin(ReadOnlyAdmin):
    list_display = ("provider", "purpose", "account", "created_at", "expires_at", "used_at")
    list_filter = ("provider", "purpose", ("used_at", admin.EmptyFieldListFilter), "created_at")
    list_select_related = ("account",)
    search_fields = ("account__email", "account__id", "provider")
    ordering = ("-created_at",)
    fields = (*list_display, "redirect_uri")
