from __future__ import annotations

from rest_framework import serializers

from kernel.rest import Serializer, TimestampField

NAME_MAX_LENGTH = 100
# What a browser takes and gives, in the JSON forms of Web Authentication level 3, 5.1.9 to 5.1.11.
CREATION_OPTIONS = {
    "type": "object",
    "description": "For `PublicKeyCredential.parseCreationOptionsFromJSON`.",
    "required": ["rp", "user", "challenge", "pubKeyCredParams"],
}
REQUEST_OPTIONS = {
    "type": "object",
    "description": "For `PublicKeyCredential.parseRequestOptionsFromJSON`.",
    "required": ["challenge", "rpId"],
}


class CredentialField(serializers.DictField):
    """What the browser's `PublicKeyCredential.toJSON` gives; read where it is verified."""


class NewPasskeySerializer(Serializer):
    name = serializers.CharField(max_length=NAME_MAX_LENGTH)
    credential = CredentialField(help_text="`PublicKeyCredential.toJSON()` of the new passkey.")


class PasskeyAnswerSerializer(Serializer):
    credential = CredentialField(help_text="`PublicKeyCredential.toJSON()` of the answer.")


class PasskeyNameSerializer(Serializer):
    name = serializers.CharField(max_length=NAME_MAX_LENGTH)


class PasskeySerializer(Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()
    transports = serializers.ListField(child=serializers.CharField())
    backed_up = serializers.BooleanField(help_text="Whether other devices of its owner have it.")
    created_at = TimestampField()
    last_used_at = TimestampField(allow_null=True)
    suspected_at = TimestampField(
        allow_null=True, help_text="When a copy was suspected: it counts no more."
    )


class RegisteredPasskeySerializer(PasskeySerializer):
    recovery_codes = serializers.ListField(
        child=serializers.CharField(),
        help_text="Shown this once, and empty if the account has some; each is good once.",
    )
