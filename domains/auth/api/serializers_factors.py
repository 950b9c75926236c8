from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from domains.auth.api.serializers import PASSWORD_MAX_LENGTH, TOKEN_MAX_LENGTH
from domains.auth.contract.data import Method
from kernel.rest import Serializer, TimestampField

METHODS = [method.value for method in Method]


@extend_schema_field(
    {
        "description": "A code or password as typed, or the credential that a passkey answered.",
        "oneOf": [{"type": "string", "maxLength": PASSWORD_MAX_LENGTH}, {"type": "object"}],
    }
)
class AnswerField(serializers.Field):
    """What proves a method: text, or the object that a passkey answers."""

    default_error_messages = {"type": "A string or an object is expected.", "long": "Too long."}

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str | dict):
            self.fail("type")
        if isinstance(data, str) and len(data) > PASSWORD_MAX_LENGTH:
            self.fail("long")
        return data

    def to_representation(self, value: Any) -> Any:
        return value


class AnswerSerializer(Serializer):
    method = serializers.ChoiceField(choices=METHODS)
    answer = AnswerField()


class MfaAnswerSerializer(AnswerSerializer):
    ticket = serializers.CharField(max_length=TOKEN_MAX_LENGTH, help_text="From the sign-in.")


class TicketSerializer(Serializer):
    ticket = serializers.CharField(max_length=TOKEN_MAX_LENGTH, help_text="From the sign-in.")


class AccessSerializer(Serializer):
    access_token = serializers.CharField(help_text="In place of the former one.")
    token_type = serializers.CharField()
    expires_in = serializers.IntegerField(help_text="Seconds that the access token lives.")


class FactorsSerializer(Serializer):
    second_factors = serializers.ListField(
        child=serializers.ChoiceField(choices=METHODS), help_text="What finishes a sign-in."
    )
    strongest = serializers.ListField(
        child=serializers.ChoiceField(choices=METHODS), help_text="What `auth/step-up` takes."
    )
    totp_added_at = TimestampField(allow_null=True)
    recovery_codes_left = serializers.IntegerField()


class TotpBegunSerializer(Serializer):
    secret = serializers.CharField(help_text="To type into the app; base 32.")
    uri = serializers.CharField(help_text="To show as a QR code.")


class CodeSerializer(Serializer):
    code = serializers.CharField(max_length=20)


class RecoveryCodesSerializer(Serializer):
    recovery_codes = serializers.ListField(
        child=serializers.CharField(), help_text="Shown this once; each is good once."
    )
