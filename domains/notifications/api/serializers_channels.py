from __future__ import annotations

from typing import Any

from rest_framework import serializers

from domains.notifications.models import ChatEndpoint
from domains.notifications.services.channels.chat_endpoints import shown_categories
from kernel.rest import Serializer, TimestampField


class PushKeySerializer(Serializer):
    public_key = serializers.CharField(
        help_text="The applicationServerKey to subscribe with, in base64url (RFC 8292)."
    )


class PushKeysSerializer(Serializer):
    p256dh = serializers.CharField(max_length=100)
    auth = serializers.CharField(max_length=32)


class NewPushSubscriptionSerializer(Serializer):
    """What a browser's `PushSubscription.toJSON()` has, and the key it was made with."""

    endpoint = serializers.CharField(max_length=1_000)
    keys = PushKeysSerializer()
    application_server_key = serializers.CharField(
        max_length=100, help_text="The public key that the browser subscribed with."
    )
    device = serializers.CharField(
        max_length=100,
        required=False,
        default="",
        allow_blank=True,
        help_text="What the person calls it.",
    )


class PushSubscriptionSerializer(Serializer):
    id = serializers.UUIDField()
    host = serializers.CharField(help_text="The browser's push service.")
    device = serializers.CharField()
    created_at = TimestampField()


class NewPhoneNumberSerializer(Serializer):
    number = serializers.RegexField(
        r"^\+[1-9][0-9]{6,14}$", help_text="With the country's code, digits alone (E.164)."
    )


class PhoneCodeSerializer(Serializer):
    code = serializers.RegexField(r"^[0-9]{6}$")


class PhoneNumberSerializer(Serializer):
    number = serializers.CharField(allow_null=True, help_text="Where SMS go; null before a proof.")
    confirmed_at = TimestampField(allow_null=True)
    new_number = serializers.CharField(allow_null=True, help_text="What a code was sent to.")
    code_expires_at = TimestampField(allow_null=True)

    def to_representation(self, instance: Any) -> Any:
        shown = super().to_representation(instance)
        blank = {name: shown[name] or None for name in ("number", "new_number")}
        return {**shown, **blank}


_CATEGORIES = "Those that it gets, by their keys; all of them, if there are none."


class NewChatEndpointSerializer(Serializer):
    name = serializers.CharField(max_length=100)
    url = serializers.CharField(
        max_length=2_048, help_text="Of the incoming webhook. It is a secret, and never shown."
    )
    categories = serializers.ListField(
        child=serializers.CharField(max_length=64),
        max_length=100,
        required=False,
        default=list,
        help_text=_CATEGORIES,
    )


class ChatChangesSerializer(Serializer):
    name = serializers.CharField(max_length=100, required=False)
    url = serializers.CharField(max_length=2_048, required=False)
    categories = serializers.ListField(
        child=serializers.CharField(max_length=64),
        max_length=100,
        required=False,
        help_text=_CATEGORIES,
    )
    enabled = serializers.BooleanField(
        required=False, help_text="False: post there no more. True: post there again."
    )


class ChatEndpointSerializer(Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()
    host = serializers.CharField(help_text="Of its URL, which is shown to nobody.")
    categories = serializers.SerializerMethodField()
    created_at = TimestampField()
    disabled_at = TimestampField(
        allow_null=True, help_text="Since when nothing goes there: the far side said it is gone."
    )
    disabled_because = serializers.CharField()

    def get_categories(self, endpoint: ChatEndpoint) -> list[str]:
        return shown_categories(endpoint)
