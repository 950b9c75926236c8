from __future__ import annotations

from typing import Any

from rest_framework import serializers

from domains.auth.contract.data import Method
from domains.auth.services.normalization import EMAIL_MAX_LENGTH
from kernel.rest import Serializer

PASSWORD_MAX_LENGTH = 1024
TOKEN_MAX_LENGTH = 200


class PasswordField(serializers.CharField):
    """A password as typed: spaces count."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=PASSWORD_MAX_LENGTH, trim_whitespace=False, **kwargs)


class RegistrationSerializer(Serializer):
    email = serializers.EmailField(max_length=EMAIL_MAX_LENGTH)
    password = PasswordField(help_text="15 to 1024 characters, of any kind.")


class AcceptedSerializer(Serializer):
    detail = serializers.CharField()


class EmailProofSerializer(Serializer):
    token = serializers.CharField(
        max_length=TOKEN_MAX_LENGTH, help_text="From the mail; good once, for 24 hours."
    )


class CredentialsSerializer(Serializer):
    email = serializers.CharField(max_length=EMAIL_MAX_LENGTH)
    password = PasswordField()


class RefreshSerializer(Serializer):
    refresh_token = serializers.CharField(max_length=TOKEN_MAX_LENGTH)


class TokensSerializer(Serializer):
    access_token = serializers.CharField(help_text="A JWT (RFC 9068) for `Authorization: Bearer`.")
    refresh_token = serializers.CharField(
        required=False, help_text="Opaque; each is good for one exchange. In a cookie if asked so."
    )
    token_type = serializers.CharField()
    expires_in = serializers.IntegerField(help_text="Seconds that the access token lives.")


class FactorNeededSerializer(Serializer):
    ticket = serializers.CharField(help_text="For `POST auth/mfa` alone, once.")
    methods = serializers.ListField(
        child=serializers.ChoiceField(choices=[method.value for method in Method]),
        help_text="Any one of them finishes the sign-in.",
    )
    expires_in = serializers.IntegerField(help_text="Seconds that the ticket lives.")


class MfaSerializer(Serializer):
    mfa = FactorNeededSerializer()
