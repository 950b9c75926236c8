from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget

from domains.users.contract.errors import LastOwner
from domains.users.models import HoldsRole, Invitation, Membership
from domains.users.services.corrections import correct_role, role_choices
from domains.users.services.members import require_owner_besides
from kernel.clock import now
from kernel.permissions import Role
from kernel.staff import CorrectableAdmin, ReadOnlyAdmin

LABELS = {"owner": "success", "admin": "info", "member": "primary", "viewer": "default"}
STATES = {"open": "info", "accepted": "success", "expired": "warning"}


def role_name(row: HoldsRole) -> str:
    """Return what people call the row's role."""
    return row.custom_role.name if row.custom_role else row.role


def state_of(invitation: Invitation) -> str:
    """Return what has become of the invitation."""
    if invitation.accepted_at:
        return "accepted"
    return "expired" if invitation.has_expired(now=now()) else "open"


class MembershipForm(forms.ModelForm):
    """Gives a role by its key: a built-in one, or one of the organization's own."""

    role_key = forms.ChoiceField(label="Role", widget=UnfoldAdminSelectWidget)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A form that only shows has no fields.
        if "role_key" in self.fields:
            field = cast("forms.ChoiceField", self.fields["role_key"])
            field.choices = role_choices(self.instance.organization_id)
            self.initial["role_key"] = self.instance.role_key

    def clean_role_key(self) -> str:
        """Return the key; the lock on the organization holds until it is saved."""
        key: str = self.cleaned_data["role_key"]
        if self.instance.role == Role.OWNER != key:
            try:
                require_owner_besides(self.instance)
            except LastOwner as error:
                raise ValidationError(error.title) from error
        return key


@admin.register(Membership)
class MembershipAdmin(CorrectableAdmin):
    form = MembershipForm
    list_display = ("account", "shown_role", "organization", "created_at")
    list_filter = ("role", ("custom_role", admin.EmptyFieldListFilter), "created_at")
    list_select_related = ("account", "organization", "custom_role")
    search_fields = ("account__account_id__exact", "organization__id__exact")
    search_help_text = "The id of the account or of the organization; people are found in Profiles"
    ordering = ("-id",)
    readonly_fields = ("id", "organization", "account", "created_at")
    fields = ("id", "organization", "account", "role_key", "created_at")

    def save_model(
        self,
        request: HttpRequest,
        obj: Membership,
        form: forms.ModelForm,
        change: bool,  # noqa: FBT001  Django's signature
    ) -> None:
        correct_role(membership=obj, role=form.cleaned_data["role_key"])

    @display(description="Role", ordering="role", label=LABELS)
    def shown_role(self, membership: Membership) -> str:
        return role_name(membership)


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    list_display = ("email", "shown_role", "organization", "state", "invited_by", "expires_at")
    list_filter = ("role", ("accepted_at", admin.EmptyFieldListFilter), "expires_at")
    list_select_related = ("organization", "custom_role")
    search_fields = ("email", "id__exact", "organization__id__exact", "organization__name")
    ordering = ("-id",)
    readonly_fields = ("shown_role",)
    fields = (
        "id",
        "email",
        "shown_role",
        "organization",
        "invited_by",
        "created_at",
        "expires_at",
        "accepted_at",
    )

    @display(description="Role", ordering="role", label=LABELS)
    def shown_role(self, invitation: Invitation) -> str:
        return role_name(invitation)

    @display(description="State", label=STATES)
    def state(self, invitation: Invitation) -> str:
        return state_of(invitation)
