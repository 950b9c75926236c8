"""The JSON of the caller's own view."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from domains.users import models
from domains.users.api.serializers_organizations import (
    PICTURE,
    OrganizationOut,
    OwnershipTransferOut,
)
from domains.users.api.serializers_preferences import PreferencesField
from domains.users.services.belonging import Place
from kernel.rest import Serializer, TimestampField


class ProfileIn(Serializer):
    """What people change about themselves."""

    display_name = serializers.CharField(
        max_length=models.NAME_LENGTH, allow_blank=True, validators=[models.validate_one_line]
    )
    avatar_file_id = serializers.UUIDField(allow_null=True, help_text=PICTURE)
    locale = serializers.CharField(
        max_length=models.LOCALE_LENGTH,
        validators=[models.validate_locale],
        help_text="A BCP 47 language tag, such as pt-BR.",
    )
    time_zone = serializers.CharField(
        max_length=models.TIME_ZONE_LENGTH,
        validators=[models.validate_time_zone],
        help_text="A name of the IANA time zone database, such as Europe/Paris.",
    )
    preferences = PreferencesField(
        help_text="Merged into those there are; null takes a key away (RFC 7396)."
    )


class MyTeamOut(Serializer):
    """A team that the caller is in."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    path = serializers.ListField(
        child=serializers.UUIDField(), help_text="The teams around it, then itself."
    )


class MyOrganizationOut(OrganizationOut):
    """An organization that the caller belongs to, and what they may do there."""

    role_name = serializers.CharField(help_text="What people call the role.")
    permissions = serializers.ListField(
        child=serializers.CharField(), help_text="Held in the whole organization."
    )
    teams = MyTeamOut(many=True)

    def to_representation(self, instance: Place) -> dict[str, Any]:
        """Return the place: what is the membership's, and what is the caller's alone."""
        return OrganizationOut.render(instance.membership) | {
            "barred": instance.barred,
            "role_name": instance.role_name,
            "permissions": list(instance.permissions),
            "teams": MyTeamOut.render_all(instance.teams),
        }


class MyInvitationOut(Serializer):
    """An invitation that the caller can accept."""

    id = serializers.UUIDField()
    organization_id = serializers.UUIDField()
    organization_name = serializers.CharField(source="organization.name")
    role = serializers.CharField(source="role_key")
    invited_by = serializers.UUIDField()
    created_at = TimestampField()
    expires_at = TimestampField()


class MyOwnershipTransferOut(OwnershipTransferOut):
    """An ownership that the caller was offered."""

    organization_name = serializers.CharField(source="organization.name")


class MeOut(Serializer):
    """The caller."""

    account_id = serializers.UUIDField(source="account.id")
    email = serializers.EmailField(source="account.email")
    email_verified = serializers.BooleanField(source="account.email_verified")
    display_name = serializers.CharField(source="profile.display_name")
    avatar_file_id = serializers.UUIDField(source="profile.avatar_file_id", allow_null=True)
    locale = serializers.CharField(source="profile.locale")
    time_zone = serializers.CharField(source="profile.time_zone")
    preferences = PreferencesField(source="profile.preferences")
    organizations = MyOrganizationOut(many=True, source="belonging.places")
    invitations = MyInvitationOut(many=True, source="belonging.invitations")
    ownership_transfers = MyOwnershipTransferOut(many=True, source="belonging.offers")
    created_at = TimestampField(source="profile.created_at")
    updated_at = TimestampField(source="profile.updated_at")
