from __future__ import annotations

from rest_framework import serializers

from domains.auth.api.serializers import TOKEN_MAX_LENGTH
from kernel.rest import Serializer, TimestampField

# Codes and URLs are the providers', and some write long ones.
CODE_MAX_LENGTH = 4096
URI_MAX_LENGTH = 500


class ProviderSerializer(Serializer):
    provider = serializers.CharField(source="name", help_text="Its name in paths.")
    name = serializers.CharField(source="title", help_text="What people know it as.")


class FederationStartSerializer(Serializer):
    redirect_uri = serializers.CharField(
        max_length=URI_MAX_LENGTH, help_text="One of OIDC_REDIRECT_URIS, exactly."
    )


class FederationStartedSerializer(Serializer):
    authorization_url = serializers.CharField(help_text="Where to send the person.")
    ticket = serializers.CharField(
        help_text="Stays with the client until the person is back: nobody can finish without it."
    )
    expires_in = serializers.IntegerField(help_text="Seconds.")


class FederationFinishSerializer(Serializer):
    ticket = serializers.CharField(max_length=TOKEN_MAX_LENGTH)
    state = serializers.CharField(max_length=TOKEN_MAX_LENGTH)
    code = serializers.CharField(max_length=CODE_MAX_LENGTH)
    iss = serializers.CharField(
        max_length=URI_MAX_LENGTH,
        required=False,
        default="",
        help_text="As it came with the code, if it did (RFC 9207).",
    )


class IdentitySerializer(Serializer):
    id = serializers.UUIDField()
    provider = serializers.CharField()
    email = serializers.CharField(help_text='The address there when it was linked, or "".')
    created_at = TimestampField()
    last_used_at = TimestampField(allow_null=True)


class LogoutUrlSerializer(Serializer):
    url = serializers.CharField(
        allow_null=True, help_text="None if there is nowhere to sign out but here."
    )


class LogoutTokenSerializer(Serializer):
    logout_token = serializers.CharField()
