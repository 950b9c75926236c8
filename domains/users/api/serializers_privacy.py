"""The JSON of what people ask for of their own data."""

from __future__ import annotations

from rest_framework import serializers

from domains.users.models import PersonExport
from kernel.privacy import Fate
from kernel.rest import Serializer, TimestampField

TOKEN_LENGTH = 100


class PersonExportOut(Serializer):
    """An archive of all that is kept about somebody."""

    id = serializers.UUIDField(source="export.id")
    state = serializers.ChoiceField(PersonExport.State.choices, source="export.state")
    size = serializers.IntegerField(
        source="export.size", allow_null=True, help_text="Bytes, once it is ready."
    )
    sha256 = serializers.CharField(source="export.sha256", help_text="In hex, once it is ready.")
    created_at = TimestampField(source="export.created_at")
    ready_at = TimestampField(source="export.ready_at", allow_null=True)
    expires_at = TimestampField(source="export.expires_at", allow_null=True)
    download_url = serializers.CharField(
        allow_null=True, help_text="A ZIP archive; no credentials are needed, so keep it to you."
    )
    link_expires_at = TimestampField(
        allow_null=True, help_text="Ask again for a new link; this one lasts 15 minutes."
    )


class ErasureIn(Serializer):
    immediately = serializers.BooleanField(
        default=False, help_text="Without the seven days in which it can be taken back."
    )


class ErasureOut(Serializer):
    erase_at = TimestampField(help_text="When all that is known of you is erased.")
    receipt_token = serializers.CharField(
        help_text="Shows the receipt once you have no account any more; it is told this once."
    )


class ReceiptTokenIn(Serializer):
    token = serializers.CharField(max_length=TOKEN_LENGTH)


class ErasedOut(Serializer):
    what = serializers.CharField()
    how = serializers.ChoiceField([fate.value for fate in Fate])
    count = serializers.IntegerField(help_text="Of how many records.")
    why = serializers.CharField(help_text="Why it was not erased.", allow_blank=True)


class ErasureAnswerOut(Serializer):
    domain = serializers.CharField()
    answered_at = TimestampField()
    items = ErasedOut(many=True)


class ErasureReceiptOut(Serializer):
    requested_at = TimestampField(allow_null=True)
    erased_at = TimestampField(allow_null=True)
    complete = serializers.BooleanField(help_text="Whether every part of the product answered.")
    answers = ErasureAnswerOut(many=True)
