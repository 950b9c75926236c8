"""Second factors: that they are there and since when, never what they are made of."""

from __future__ import annotations

from django.contrib import admin

from domains.auth.models import Passkey, PasskeyChallenge, RecoveryCode, Totp
from kernel.staff import ReadOnlyAdmin


class FactorAdmin(ReadOnlyAdmin):
    list_select_related: tuple[str, ...] = ("account",)
    search_fields: tuple[str, ...] = ("account__email", "account__id")
    ordering = ("-created_at",)


@admin.register(Totp)
class TotpAdmin(FactorAdmin):
    list_display = ("account", "created_at", "confirmed_at")
    list_filter = (("confirmed_at", admin.EmptyFieldListFilter), "created_at")
    fields = list_display


@admin.register(RecoveryCode)
class RecoveryCodeAdmin(FactorAdmin):
    list_display = ("account", "created_at", "used_at")
    list_filter = (("used_at", admin.EmptyFieldListFilter), "created_at")
    fields = list_display


@admin.register(Passkey)
class PasskeyAdmin(FactorAdmin):
    list_display = ("name", "account", "created_at", "last_used_at", "backed_up", "suspected_at")
    list_filter = (("suspected_at", admin.EmptyFieldListFilter), "backed_up", "created_at")
    search_fields = ("name", "account__email", "account__id")
    fields = (*list_display, "aaguid", "transports", "sign_count")


@admin.register(PasskeyChallenge)
class PasskeyChallengeAdmin(FactorAdmin):
    list_display = ("purpose", "account", "created_at", "expires_at", "used_at")
    list_filter = ("purpose", ("used_at", admin.EmptyFieldListFilter), "created_at")
    fields = list_display
