from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.decorators import action

from domains.auth.admin.revocable import RevocableAdmin
from domains.auth.models import KnownDevice, Session
from domains.auth.services import sessions
from kernel.clock import now
from kernel.db import transaction
from kernel.staff import ReadOnlyAdmin


@admin.register(Session)
class SessionAdmin(RevocableAdmin):
    list_display = (
        "id",
        "account",
        "device",
        "place",
        "created_at",
        "refreshed_at",
        "revoked_at",
        "revoked_reason",
    )
    list_filter = (
        ("revoked_at", admin.EmptyFieldListFilter),
        ("impersonator", admin.EmptyFieldListFilter),
        "revoked_reason",
        "created_at",
    )
    list_select_related = ("account",)
    search_fields = ("id", "account__email", "account__id", "device", "network")
    ordering = ("-created_at",)
    fields = (
        *list_display,
        "expires_at",
        "proven_at",
        "methods",
        "user_agent",
        "network",
        "identity",
        "impersonator",
        "impersonation_reason",
        "rotations",
    )
    actions = ("revoke",)

    @action(description="Revoke", permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[Session]) -> None:
        count = 0
        for session in queryset.select_related("account"):
            if self.may_revoke_of(request, session.account):
                count += self._revoke(request, session)
        messages.success(request, f"Sessions revoked: {count}.")

    def _revoke(self, request: HttpRequest, session: Session) -> int:
        with transaction("auth"):
            self.log_deed(request, session, "Revoked")
            return sessions.revoke_sessions(reason=Session.Reason.STAFF, now=now(), id=session.id)


@admin.register(KnownDevice)
class KnownDeviceAdmin(ReadOnlyAdmin):
    list_display = ("account", "device", "network", "first_seen_at", "last_seen_at")
    list_filter = ("first_seen_at", "last_seen_at")
    list_select_related = ("account",)
    search_fields = ("account__email", "account__id", "device", "network")
    ordering = ("-last_seen_at",)
    fields = list_display
