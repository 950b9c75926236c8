from __future__ import annotations

from rest_framework import serializers

from domains.auth.api.serializers import TOKEN_MAX_LENGTH, PasswordField
from domains.auth.services.normalization import EMAIL_MAX_LENGTH
from kernel.rest import Serializer, TimestampField

RULES = (
    "15 to 1024 characters, of any kind; 8 are enough beside a second factor. Nothing common, and "
    "nothing made of the address or the product's name."
)


class AddressSerializer(Serializer):
    email = serializers.EmailField(max_length=EMAIL_MAX_LENGTH)


class MailTokenSerializer(Serializer):
    token = serializers.CharField(
        max_length=TOKEN_MAX_LENGTH, help_text="From the mail; good once."
    )


class PasswordResetSerializer(MailTokenSerializer):
    password = PasswordField(help_text=RULES)


class PasswordChangeSerializer(Serializer):
    current_password = PasswordField()
    new_password = PasswordField(help_text=RULES)


class AccountSerializer(Serializer):
    id = serializers.UUIDField()
    email = serializers.CharField(help_text="As typed.")
    email_verified = serializers.SerializerMethodField()
    email_sign_in = serializers.BooleanField(help_text="Whether a code by mail signs in.")
    has_password = serializers.BooleanField(source="has_usable_password")
    password_changed_at = TimestampField(allow_null=True)
    created_at = TimestampField()

    def get_email_verified(self, account: object) -> bool:
        return getattr(account, "email_verified_at", None) is not None


class AccountChangeSerializer(Serializer):
    email_sign_in = serializers.BooleanField()


class ClosingSerializer(Serializer):
    erase_at = TimestampField(help_text="Until then the mail's link takes the closing back.")
