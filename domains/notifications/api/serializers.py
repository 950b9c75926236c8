from __future__ import annotations

from rest_framework import serializers

from kernel.rest import Serializer, TimestampField


class OrganizationSerializer(Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField(help_text="As it was called at that time.")


class NotificationSerializer(Serializer):
    """One item of the feed."""

    id = serializers.UUIDField()
    kind = serializers.CharField(help_text="What happened, such as files.file_uploaded.")
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


class UnreadSerializer(Serializer):
    unread = serializers.IntegerField()


class MarkedSerializer(Serializer):
    marked = serializers.IntegerField(help_text="How many had not been read.")
