from __future__ import annotations

from rest_framework import serializers

from domains.auth.contract.data import Method
from kernel.rest import Serializer, TimestampField


class NothingSerializer(Serializer):
    """A document without members."""


class SessionSerializer(Serializer):
    id = serializers.UUIDField()
    current = serializers.BooleanField(help_text="Whether it is the one that asks.")
    impersonated = serializers.BooleanField(help_text="Whether staff act as you in it.")
    device = serializers.CharField()
    place = serializers.CharField(help_text="Where it was last used, as the network tells.")
    network = serializers.CharField()
    methods = serializers.ListField(
        child=serializers.ChoiceField(choices=[method.value for method in Method]),
        help_text="How you last proved who you are in it.",
    )
    created_at = TimestampField()
    last_used_at = TimestampField(
        source="refreshed_at", help_text="When its refresh token was last exchanged."
    )
