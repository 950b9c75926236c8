from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.decorators import action

from domains.auth.admin.revocable import RevocableAdmin
from domains.auth.models import ApiKey, ServiceAccount
from domains.auth.services import api_keys
from kernel.clock import now
from kernel.db import transaction
from kernel.staff import ReadOnlyAdmin


@admin.register(ApiKey)
class ApiKeyAdmin(RevocableAdmin):
    list_display = (
        "name",
        "prefix",
        "organization_id",
        "account",
        "service_account",
        "last_used_at",
        "expires_at",
        "revoked_at",
    )
    list_filter = (
        ("revoked_at", admin.EmptyFieldListFilter),
        ("account", admin.EmptyFieldListFilter),
        "created_at",
        "expires_at",
    )
    list_select_related = ("account", "service_account")
    search_fields = ("name", "prefix", "organization_id", "account__email", "service_account__name")
    ordering = ("-created_at",)
    fields = (*list_display, "permissions", "networks", "created_by", "created_at", "successor")
    actions = ("revoke",)

    @action(description="Revoke", permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        owned = queryset.select_related("account")
        keys = [key for key in owned if self.may_revoke_of(request, key.account)]
        with transaction("auth"):
            count = api_keys.revoke_by_staff(api_key_ids=[key.id for key in keys], now=now())
            for key in keys:
                self.log_deed(request, key, "Revoked")
        messages.success(request, f"API keys revoked: {count}.")


@admin.register(ServiceAccount)
class ServiceAccountAdmin(ReadOnlyAdmin):
    list_display = ("name", "organization_id", "created_by", "created_at", "disabled_at")
    list_filter = (("disabled_at", admin.EmptyFieldListFilter), "created_at")
    search_fields = ("name", "organization_id", "id")
    ordering = ("-created_at",)
    fields = (*list_display, "permissions")
