"""The JSON of users."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework import serializers

from domains.users.services.roles import BUILT_IN
from kernel.rest import Serializer, TimestampField

ROLE_HELP = "owner, admin, member, viewer, or the id of one of the organization's own roles."


class RoleIn(serializers.CharField):
    """The key of a role, in its one spelling."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            max_length=36, help_text=f"{ROLE_HELP} Not above the caller's own.", **options
        )

    def to_internal_value(self, data: Any) -> str:
        """Return the key; raise `ValidationError` for what can be none."""
        key: str = super().to_internal_value(data)
        try:
            return key if key in BUILT_IN else str(UUID(key))
        except ValueError as error:
            raise serializers.ValidationError("There can be no such role.") from error


class RoleOut(serializers.CharField):
    """The key of a role that a row gives."""

    def __init__(self, *, help_text: str = ROLE_HELP, source: str = "role_key") -> None:
        super().__init__(source=source, help_text=help_text)


class InvitationIn(Serializer):
    """Whom to invite, and as what."""

    email = serializers.EmailField(max_length=254)
    role = RoleIn()


class AcceptanceIn(Serializer):
    """The secret that the invitation's mail holds."""

    token = serializers.CharField(max_length=100)


class MemberOut(Serializer):
    """A member, as the others see them."""

    account_id = serializers.UUIDField(source="membership.account_id")
    display_name = serializers.CharField(source="membership.account.display_name")
    email = serializers.EmailField()
    role = RoleOut(source="membership.role_key")
    joined_at = TimestampField(source="membership.created_at")


class InvitationOut(Serializer):
    """An invitation that wasn't accepted yet."""

    id = serializers.UUIDField()
    organization_id = serializers.UUIDField()
    email = serializers.EmailField()
    role = RoleOut()
    invited_by = serializers.UUIDField()
    created_at = TimestampField()
    expires_at = TimestampField()


class MembershipOut(Serializer):
    """The membership that an accepted invitation became."""

    organization_id = serializers.UUIDField()
    account_id = serializers.UUIDField()
    role = RoleOut()
    joined_at = TimestampField(source="created_at")
