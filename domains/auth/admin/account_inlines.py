"""What belongs to an account, listed on its page: never what any of it is made of."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import TabularInline
from unfold.decorators import display

from domains.auth.models import (
    ApiKey,
    Identity,
    KnownDevice,
    Passkey,
    RecoveryCode,
    Session,
    SignInThrottle,
    Totp,
)


class LookOnlyInline(TabularInline):
    """Rows as they are; what changes them are the services."""

    tab = True
    extra = 0
    per_page = 20
    show_change_link = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False


class SessionInline(LookOnlyInline):
    model = Session
    fk_name = "account"
    verbose_name_plural = "sessions"
    fields = ("device", "place", "created_at", "refreshed_at", "methods", "staff", "ended")
    readonly_fields = ("staff", "ended")
    ordering = ("-created_at",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Session]:
        rows: QuerySet[Session] = super().get_queryset(request).select_related("impersonator")
        return rows

    @display(description="Acted by")
    def staff(self, session: Session) -> str:
        return str(session.impersonator or "its owner")

    @display(description="Ended")
    def ended(self, session: Session) -> str:
        return session.get_revoked_reason_display() or "no"


class TotpInline(LookOnlyInline):
    model = Totp
    fields = ("created_at", "confirmed_at")
    ordering = ("created_at",)


class PasskeyInline(LookOnlyInline):
    model = Passkey
    fields = ("name", "created_at", "last_used_at", "backed_up", "suspected_at")
    ordering = ("-created_at",)


class RecoveryCodeInline(LookOnlyInline):
    model = RecoveryCode
    fields = ("created_at", "used_at")
    ordering = ("id",)


class KnownDeviceInline(LookOnlyInline):
    model = KnownDevice
    fields = ("device", "network", "first_seen_at", "last_seen_at")
    ordering = ("-last_seen_at",)


class IdentityInline(LookOnlyInline):
    model = Identity
    fields = ("provider", "subject", "email", "created_at", "last_used_at")
    ordering = ("-created_at",)


class ApiKeyInline(LookOnlyInline):
    model = ApiKey
    fields = ("name", "prefix", "organization_id", "last_used_at", "expires_at", "revoked_at")
    ordering = ("-created_at",)


class LockInline(LookOnlyInline):
    model = SignInThrottle
    verbose_name_plural = "failed sign-ins"
    fields = ("scope", "failures", "locks", "locked_until")
    ordering = ("-window_started_at",)


INLINES: tuple[type[admin.TabularInline], ...] = (
    SessionInline,
    TotpInline,
    PasskeyInline,
    RecoveryCodeInline,
    KnownDeviceInline,
    IdentityInline,
    ApiKeyInline,
    LockInline,
)
