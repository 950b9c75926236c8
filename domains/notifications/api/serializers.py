from __future__ import annotations

from rest_framework import serializers

from kernel.rest import Serializer, TimestampField
from kernel.rest.types import LARGEST_INTEGER


class OrganizationSerializer(Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField(help_text="As it was called at that time.")


class NotificationSerializer(Serializer):
    """One item of the feed."""

    id = serializers.UUIDField()
    sequence = serializers.IntegerField(
        help_text="Its number in the feed: newer ones have higher numbers."
    )
    kind = serializers.CharField(help_text="What happened, such as files.file_uploaded.")
    category = serializers.CharField(help_text="Such as security, billing, team or files.")
    title = serializers.CharField()
    body = serializers.CharField()
    organization = OrganizationSerializer(
        allow_null=True, help_text="What it is about; null if it is about the account."
    )
    subject_ids = serializers.DictField(
        child=serializers.UUIDField(), help_text="The ids of what it is about, by name."
    )
    created_at = TimestampField()
    read_at = TimestampField(allow_null=True)
    archived_at = TimestampField(allow_null=True)


class UnreadSerializer(Serializer):
    unread = serializers.IntegerField()


class MarkedSerializer(Serializer):
    marked = serializers.IntegerField(help_text="How many had not been read.")


class CountsSerializer(Serializer):
    """How far the feed is, and what of it waits."""

    unread = serializers.IntegerField(help_text="Neither read nor archived.")
    unseen = serializers.IntegerField(help_text="Came after the feed was last opened.")
    last_sequence = serializers.IntegerField(help_text="The number of the newest notification.")
    seen_at = TimestampField(allow_null=True, help_text="When the feed was last opened.")


class UpToSerializer(Serializer):
    """How far something is done: the sequence of the newest notification that was shown."""

    up_to = serializers.IntegerField(
        min_value=0,
        max_value=LARGEST_INTEGER,
        required=False,
        allow_null=True,
        help_text="As far as this sequence; all of them if left out.",
    )


class StreamTicketSerializer(Serializer):
    ticket = serializers.CharField(help_text="Opens one stream, once.")
    expires_in = serializers.IntegerField(help_text="In seconds.")
