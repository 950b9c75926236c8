"""The JSON of organizations."""

from __future__ import annotations

from rest_framework import serializers

from domains.users import models
from domains.users.services.slugs import is_reserved
from kernel.rest import Serializer, TimestampField

# Files are another domain's, above this one: whoever shows a picture asks for it there.
PICTURE = "The id of a file; any is taken, and seeing it takes the permission to see the file."


class OrganizationIn(Serializer):
    """An organization's own facts."""

    name = serializers.CharField(
        max_length=models.NAME_LENGTH, validators=[models.validate_one_line]
    )


class OrganizationChange(OrganizationIn):
    """What may be changed of it."""

    slug = serializers.CharField(
        max_length=models.SLUG_LENGTH,
        validators=[models.validate_slug],
        help_text="Lower-case letters, digits and single hyphens; no other organization has it.",
    )
    logo_file_id = serializers.UUIDField(allow_null=True, help_text=PICTURE)

    def validate_slug(self, value: str) -> str:
        """Return the slug; refuse one that no organization may have."""
        if is_reserved(value):
            raise serializers.ValidationError("No organization may have this slug.", "reserved")
        return value


class OrganizationOut(Serializer):
    """An organization as one of its members sees it; the rows are memberships."""

    id = serializers.UUIDField(source="organization_id")
    name = serializers.CharField(source="organization.name")
    slug = serializers.CharField(
        source="organization.slug", allow_null=True, help_text="A personal one has none."
    )
    logo_file_id = serializers.UUIDField(source="organization.logo_file_id", allow_null=True)
    personal = serializers.BooleanField(
        source="organization.personal", help_text="The one that every account has to itself."
    )
    role = serializers.CharField(
        source="role_key",
        help_text="The caller's own: a built-in one's name, or the id of a custom one.",
    )
    barred = serializers.CharField(
        default=None,
        allow_null=True,
        help_text="The code of what keeps this request out, by the organization's policy.",
    )
    closed_at = TimestampField(source="organization.closed_at", allow_null=True)
    erase_at = TimestampField(
        source="organization.erase_at",
        allow_null=True,
        help_text="When a closed one is erased, unless an owner opens it again.",
    )
    created_at = TimestampField(source="organization.created_at")
    updated_at = TimestampField(source="organization.updated_at")


class OwnershipTransferIn(Serializer):
    """To whom the ownership is offered."""

    account_id = serializers.UUIDField(help_text="Another member's account.")


class OwnershipTransferOut(Serializer):
    """An open offer of the ownership."""

    id = serializers.UUIDField()
    organization_id = serializers.UUIDField()
    from_account_id = serializers.UUIDField()
    to_account_id = serializers.UUIDField()
    created_at = TimestampField()
    expires_at = TimestampField()
