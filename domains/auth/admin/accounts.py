from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from unfold.decorators import display
from unfold.widgets import UnfoldAdminEmailInputWidget

from domains.auth.admin.account_actions import AccountActions
from domains.auth.admin.account_inlines import INLINES
from domains.auth.models import Account
from domains.auth.services import accounts, impersonation, password_reset, unlock
from kernel.clock import now
from kernel.db import transaction

RIGHTS = ("is_staff", "is_superuser", "groups", "user_permissions")
STATES = {
    "active": "success",
    "unconfirmed": "info",
    "reset required": "warning",
    "closing": "warning",
    "banned": "danger",
    "disabled": "danger",
    "erased": "danger",
}


class AccountCreationForm(forms.ModelForm):
    """Whose mailbox staff vouch for; the owner chooses the password, by the mail that they get."""

    class Meta:
        model = Account
        fields = ("email",)
        widgets = {"email": UnfoldAdminEmailInputWidget}


@admin.register(Account)
class AccountAdmin(AccountActions, UserAdmin):  # type: ignore[misc]  # unfold has no types
    form = forms.ModelForm
    add_form = AccountCreationForm
    list_display = ("email", "state", "is_staff", "created_at", "last_login")
    list_filter = (
        "is_active",
        "is_staff",
        "is_superuser",
        ("email_verified_at", admin.EmptyFieldListFilter),
        ("banned_at", admin.EmptyFieldListFilter),
        ("erase_at", admin.EmptyFieldListFilter),
        ("totp", admin.EmptyFieldListFilter),
    )
    search_fields = ("email", "id")
    ordering = ("-created_at",)
    inlines = INLINES
    readonly_fields = (
        "id",
        "email",
        "state",
        "locked_until",
        "password_state",
        "email_sign_in",
        "email_verified_at",
        "created_at",
        "last_login",
        "password_changed_at",
        "password_reset_required_at",
        "banned_at",
        "ban_reason",
        "erase_at",
        "erased_at",
    )
    fieldsets = (
        (None, {"fields": ("id", "email", "state", "locked_until")}),
        ("Ways in", {"fields": ("password_state", "email_sign_in")}),
        ("Ban", {"fields": ("banned_at", "ban_reason")}),
        (
            "Dates",
            {
                "fields": (
                    "created_at",
                    "email_verified_at",
                    "last_login",
                    "password_changed_at",
                    "password_reset_required_at",
                    "erase_at",
                    "erased_at",
                )
            },
        ),
        ("Staff", {"fields": RIGHTS}),
    )
    add_fieldsets = ((None, {"fields": ("email",)}),)

    @display(description="State", label=STATES)
    def state(self, account: Account) -> str:
        said = {
            "erased": account.erased_at,
            "banned": account.banned_at,
            "closing": account.erase_at,
            "disabled": not account.is_active,
            "unconfirmed": account.email_verified_at is None,
            "reset required": account.password_reset_required_at,
        }
        return next((state for state, holds in said.items() if holds), "active")

    @display(description="Sign-ins locked until")
    def locked_until(self, account: Account) -> str:
        until = unlock.locked_until(account, now=now())
        return f"{until:%c}" if until else "not locked"

    @display(description="Password")
    def password_state(self, account: Account) -> str:
        return "set" if account.has_usable_password() else "none"

    def get_readonly_fields(
        self, request: HttpRequest, obj: Account | None = None
    ) -> tuple[str, ...]:
        if obj is None:
            return ()
        if request.user.is_superuser and obj.pk != request.user.pk:
            return self.readonly_fields
        return (*self.readonly_fields, *RIGHTS)

    def has_change_permission(self, request: HttpRequest, obj: Account | None = None) -> bool:
        """Let nobody but a superuser change staff."""
        if obj is not None and obj.is_staff and not request.user.is_superuser:
            return False
        return bool(super().has_change_permission(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Account | None = None) -> bool:
        return False

    def user_change_password(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Refuse: whoever knows somebody's password could act as them without a trace."""
        raise PermissionDenied

    def get_inlines(self, request: HttpRequest, obj: Account | None) -> Any:
        return self.inlines if obj is not None else ()

    def save_model(
        self,
        request: HttpRequest,
        obj: Account,
        form: forms.ModelForm,
        change: bool,  # noqa: FBT001  Django's signature
    ) -> None:
        with transaction("auth"):
            if not change:
                obj.set_unusable_password()
                accounts.introduce(obj, now=now())
                password_reset.request_for(obj, now=now())
                return
            super().save_model(request, obj, form, change)
            if not obj.is_staff:
                impersonation.end_all_of(obj.pk, now=now())
