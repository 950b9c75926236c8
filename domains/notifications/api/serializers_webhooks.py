from __future__ import annotations

from typing import Any

from rest_framework import serializers

from domains.notifications.models import EndpointState, WebhookEndpoint, WebhookState
from domains.notifications.services.webhooks import secrets
from kernel.clock import now
from kernel.rest import Serializer, TimestampField

DAY_SECONDS = 24 * 60 * 60
LONGEST_OVERLAP_SECONDS = 30 * DAY_SECONDS


class WebhookEventTypeSerializer(Serializer):
    """An event that can be sent."""

    name = serializers.CharField(help_text="With its version, such as users.member_joined.v1.")
    description = serializers.CharField()
    facts = serializers.ListField(
        child=serializers.CharField(), help_text="The names in `data` of what is sent."
    )


class WebhookEndpointChangesSerializer(Serializer):
    url = serializers.CharField(
        max_length=2048, help_text="Begins with https://; a server of the public internet."
    )
    event_types = serializers.ListField(
        child=serializers.CharField(max_length=100),
        allow_empty=False,
        max_length=100,
        help_text="Names of events, or patterns such as users.* or *.",
    )
    description = serializers.CharField(
        max_length=200, required=False, allow_blank=True, default=""
    )
    is_ordered = serializers.BooleanField(
        required=False,
        default=False,
        help_text="One at a time: the next waits until the one before was taken or given up.",
    )


class NewWebhookEndpointSerializer(WebhookEndpointChangesSerializer):
    asymmetric = serializers.BooleanField(
        required=False,
        default=False,
        help_text="Whether to sign by a key pair (v1a, ed25519) beside the secret (v1).",
    )


class WebhookEndpointSerializer(Serializer):
    """A server that events are sent to."""

    id = serializers.UUIDField()
    organization_id = serializers.UUIDField()
    url = serializers.CharField()
    description = serializers.CharField()
    event_types = serializers.ListField(child=serializers.CharField())
    is_ordered = serializers.BooleanField()
    state = serializers.ChoiceField(EndpointState.values)
    disabled_reason = serializers.CharField(
        help_text="If disabled: failing (for five days) or gone (it answered 410)."
    )
    failing_since = TimestampField(
        allow_null=True, help_text="The first failure after the last success."
    )
    public_keys = serializers.SerializerMethodField(
        help_text="By which v1a signatures are verified, the newest first; none without them."
    )
    former_until = TimestampField(
        allow_null=True, help_text="Until when the former secrets sign too."
    )
    created_at = TimestampField()
    updated_at = TimestampField()

    def get_public_keys(self, endpoint: WebhookEndpoint) -> list[str]:
        return secrets.public_keys(endpoint, now=now())


class WebhookEndpointWithSecretSerializer(WebhookEndpointSerializer):
    secret = serializers.CharField(help_text="whsec_…; it is in this answer alone.")


class WebhookRotationSerializer(Serializer):
    overlap_seconds = serializers.IntegerField(
        min_value=0,
        max_value=LONGEST_OVERLAP_SECONDS,
        required=False,
        default=DAY_SECONDS,
        help_text="For how long the former secret signs too.",
    )


class WebhookReplaySerializer(Serializer):
    only_failed = serializers.BooleanField(
        required=False, default=True, help_text="Those that failed for good, or all."
    )
    since = TimestampField(required=False, allow_null=True, default=None)
    until = TimestampField(
        required=False, allow_null=True, default=None, help_text="Up to before this."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        since, until = attrs["since"], attrs["until"]
        if not attrs["only_failed"] and not (since and until):
            problem = "To send all once more, say of which time."
            raise serializers.ValidationError({"since": problem}, code="required")
        if since and until and until <= since:
            raise serializers.ValidationError({"until": "It ends before it begins."})
        return attrs


class WebhooksReplayedSerializer(Serializer):
    replayed = serializers.IntegerField(help_text="How many will be sent once more.")


class WebhookSerializer(Serializer):
    """One event on its way to one endpoint."""

    id = serializers.UUIDField()
    endpoint_id = serializers.UUIDField()
    event_id = serializers.UUIDField(help_text="The webhook-id: the same in every attempt.")
    event_type = serializers.CharField()
    state = serializers.ChoiceField(WebhookState.values)
    attempts = serializers.IntegerField(help_text="Since it was first sent, or replayed.")
    replays = serializers.IntegerField()
    due_at = TimestampField(help_text="When the next attempt is due, while it is pending.")
    settled_at = TimestampField(allow_null=True)
    created_at = TimestampField()


class WebhookAttemptSerializer(Serializer):
    """How one attempt went."""

    attempted_at = TimestampField()
    request_headers = serializers.DictField(
        child=serializers.CharField(), help_text="Without the signature."
    )
    status = serializers.IntegerField(allow_null=True, help_text="Null if no answer came.")
    response_headers = serializers.DictField(child=serializers.CharField())
    response = serializers.CharField(help_text="The first 4,000 bytes of the answer.")
    latency_ms = serializers.IntegerField(allow_null=True)
    error = serializers.CharField(help_text="Why there was no answer.")


class WebhookWithLogSerializer(WebhookSerializer):
    body = serializers.CharField(help_text="What is sent, byte for byte.")
    log = serializers.SerializerMethodField(help_text="The newest 50 attempts, newest first.")

    def get_log(self, delivery: Any) -> list[dict[str, Any]]:
        return WebhookAttemptSerializer.render_all(delivery.log.order_by("-id")[:50])
