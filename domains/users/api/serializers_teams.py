"""The JSON of teams."""

from __future__ import annotations

from rest_framework import serializers

from domains.users import models
from kernel.rest import Serializer, TimestampField


class TeamIn(Serializer):
    """A team's own facts, and where it stands."""

    name = serializers.CharField(
        max_length=models.NAME_LENGTH, validators=[models.validate_one_line]
    )
    description = serializers.CharField(max_length=500, allow_blank=True, required=False)
    parent_id = serializers.UUIDField(
        allow_null=True,
        required=False,
        help_text=f"The team that it is within, {models.DEEPEST} deep at most; null: none.",
    )


class TeamOut(Serializer):
    """A team."""

    id = serializers.UUIDField()
    organization_id = serializers.UUIDField()
    parent_id = serializers.UUIDField(allow_null=True)
    path = serializers.ListField(
        child=serializers.UUIDField(),
        help_text="The teams around it from the outermost on, and itself.",
    )
    name = serializers.CharField()
    description = serializers.CharField()
    created_at = TimestampField()
    updated_at = TimestampField()
