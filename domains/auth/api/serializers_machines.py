from __future__ import annotations

from typing import Any

from rest_framework import serializers

from kernel.rest import Serializer, TimestampField

DAY_SECONDS = 24 * 60 * 60
LONGEST_OVERLAP_SECONDS = 30 * DAY_SECONDS


def _permissions(help_text: str) -> serializers.ListField:
    return serializers.ListField(
        child=serializers.CharField(max_length=100),
        allow_empty=False,
        max_length=100,
        help_text=help_text,
    )


class NewApiKeySerializer(Serializer):
    name = serializers.CharField(max_length=100)
    permissions = _permissions("What the key may do; nothing that you may not do yourself.")
    expires_at = TimestampField(required=False, allow_null=True, default=None)
    owner = serializers.ChoiceField(
        ["person", "organization"],
        required=False,
        help_text="Yours, which ends with you, or the organization's, which outlives you. Yours "
        "unless it is said, or a service account is named.",
    )
    service_account_id = serializers.UUIDField(
        required=False,
        allow_null=True,
        default=None,
        help_text="The organization's service account that the key is for.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["service_account_id"] and attrs.get("owner") == "person":
            problem = "A service account's key is the organization's."
            raise serializers.ValidationError({"owner": problem}, code="invalid")
        return attrs


class RotationSerializer(Serializer):
    overlap_seconds = serializers.IntegerField(
        min_value=0,
        max_value=LONGEST_OVERLAP_SECONDS,
        required=False,
        default=DAY_SECONDS,
        help_text="For how long the former key counts on.",
    )


class ApiKeySerializer(Serializer):
    id = serializers.UUIDField()
    organization_id = serializers.UUIDField()
    account_id = serializers.UUIDField(
        allow_null=True, help_text="Whose rights bound the key's; null for an organization's own."
    )
    service_account_id = serializers.UUIDField(allow_null=True)
    created_by = serializers.UUIDField()
    name = serializers.CharField()
    prefix = serializers.CharField(help_text="The key's beginning, to tell it from others.")
    permissions = serializers.ListField(child=serializers.CharField())
    created_at = TimestampField()
    expires_at = TimestampField(allow_null=True)
    last_used_at = TimestampField(allow_null=True, help_text="To the minute.")
    networks = serializers.ListField(
        child=serializers.CharField(), help_text="Where it was shown from, the latest last."
    )
    successor_id = serializers.UUIDField(allow_null=True)


class CreatedApiKeySerializer(ApiKeySerializer):
    secret = serializers.CharField(help_text="The key itself, shown this once.")


class NewServiceAccountSerializer(Serializer):
    name = serializers.CharField(max_length=100)
    permissions = _permissions("What its keys may do at most; nothing that you may not do.")


class ServiceAccountSerializer(Serializer):
    id = serializers.UUIDField()
    organization_id = serializers.UUIDField()
    name = serializers.CharField()
    permissions = serializers.ListField(child=serializers.CharField())
    created_by = serializers.UUIDField()
    created_at = TimestampField()
