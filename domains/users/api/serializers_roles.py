"""The JSON of permissions, roles and who has them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from domains.users import models
from domains.users.api.serializers import ROLE_HELP, RoleIn, RoleOut
from kernel.permissions import Role
from kernel.rest import Serializer, TimestampField

_BUILT_IN = [role.value for role in Role]


class PermissionOut(Serializer):
    """Something that a role may allow."""

    name = serializers.CharField()
    description = serializers.CharField()
    roles = serializers.ListField(
        child=serializers.ChoiceField(_BUILT_IN), help_text="The built-in roles that hold it."
    )


class PermissionsOut(Serializer):
    """The catalogue, whole."""

    data = PermissionOut(many=True)  # type: ignore[assignment]  # DRF takes fields off the class
    next_cursor = serializers.CharField(allow_null=True, help_text="Always null: all are here.")


class CustomRoleIn(Serializer):
    """A role of the organization's own."""

    name = serializers.CharField(
        max_length=models.NAME_LENGTH, validators=[models.validate_one_line]
    )
    description = serializers.CharField(max_length=500, allow_blank=True, required=False)
    permissions = serializers.ListField(
        child=serializers.CharField(max_length=100),
        max_length=500,
        help_text="Names of permissions; nothing that the caller may not do.",
    )


class CustomRoleOut(Serializer):
    """A role of the organization's own."""

    id = serializers.UUIDField()
    organization_id = serializers.UUIDField()
    name = serializers.CharField()
    description = serializers.CharField()
    permissions = serializers.ListField(child=serializers.CharField())
    created_at = TimestampField()
    updated_at = TimestampField()


class AssignmentIn(Serializer):
    """Which role, to whom (a member or a team), and where it counts."""

    role = RoleIn()
    account_id = serializers.UUIDField(required=False, allow_null=True)
    team_id = serializers.UUIDField(
        required=False, allow_null=True, help_text="Instead of account_id: all who are in the team."
    )
    scope_id = serializers.UUIDField(
        required=False,
        allow_null=True,
        help_text="The team in which it counts, and in those within it; null: everywhere.",
    )

    def validate_role(self, value: str) -> str:
        """Return the role; an owner is one by the membership alone."""
        if value == Role.OWNER:
            raise serializers.ValidationError("Owners are made of members.", "owner")
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Return the values if they name one member or one team."""
        if (attrs.get("account_id") is None) == (attrs.get("team_id") is None):
            raise serializers.ValidationError({"account_id": "Name an account or else a team."})
        return attrs


class AssignmentOut(Serializer):
    """A role that a member or a team has besides."""

    id = serializers.UUIDField()
    organization_id = serializers.UUIDField()
    role = RoleOut()
    account_id = serializers.UUIDField(
        source="membership.account_id", allow_null=True, default=None
    )
    team_id = serializers.UUIDField(allow_null=True)
    scope_id = serializers.UUIDField(allow_null=True)
    assigned_by = serializers.UUIDField(allow_null=True)
    created_at = TimestampField()


class MemberChange(Serializer):
    """What may be changed of a member."""

    role = RoleIn()


class ReasonOut(Serializer):
    """A role that allows it."""

    kind = serializers.ChoiceField(["membership", "assignment"])
    role = serializers.CharField(help_text=ROLE_HELP)
    role_name = serializers.CharField()
    assignment_id = serializers.UUIDField(allow_null=True)
    via_team_id = serializers.UUIDField(
        allow_null=True, help_text="The team that has the role, and so those who are in it."
    )
    scope_id = serializers.UUIDField(
        allow_null=True, help_text="The team in which it counts; null: everywhere."
    )


class ExplanationOut(Serializer):
    """Whether somebody may do something, and why."""

    allowed = serializers.BooleanField()
    permission = serializers.CharField()
    account_id = serializers.UUIDField()
    organization_id = serializers.UUIDField()
    team_id = serializers.UUIDField(allow_null=True)
    reasons = ReasonOut(many=True)
    closed = serializers.BooleanField(
        help_text="A closed organization can be seen and opened again, and nothing else."
    )
