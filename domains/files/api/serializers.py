"""Files as JSON."""

from __future__ import annotations

from rest_framework import serializers

from kernel.rest import Serializer, TimestampField

# What one presigned PUT takes at most (Amazon S3: 5 GiB).
LARGEST = 5 * 1024**3


class FileIn(Serializer):
    name = serializers.CharField(max_length=255, trim_whitespace=False)
    size = serializers.IntegerField(min_value=0, max_value=LARGEST, help_text="Bytes.")
    content_type = serializers.RegexField(
        r"^[A-Za-z0-9!#$&^_.+-]{1,63}/[A-Za-z0-9!#$&^_.+-]{1,63}\Z", help_text="RFC 6838."
    )
    sha256 = serializers.RegexField(r"^[0-9a-fA-F]{64}\Z", help_text="In hex.")


class FileOut(Serializer):
    id = serializers.UUIDField()
    organization_id = serializers.UUIDField()
    account_id = serializers.UUIDField(allow_null=True, help_text="Who uploaded it.")
    name = serializers.CharField()
    size = serializers.IntegerField(help_text="Bytes.")
    content_type = serializers.CharField(help_text="Read from the content once it is ready.")
    sha256 = serializers.CharField()
    state = serializers.ChoiceField(choices=["pending", "ready", "rejected"])
    created_at = TimestampField()


class UploadOut(Serializer):
    method = serializers.CharField()
    url = serializers.CharField()
    headers = serializers.DictField(child=serializers.CharField())
    expires_at = TimestampField()


class OpenedUploadOut(FileOut):
    upload = UploadOut()
