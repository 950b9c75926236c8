from __future__ import annotations

from typing import Any

from rest_framework import serializers

from domains.auth.api.serializers import TOKEN_MAX_LENGTH
from domains.auth.services.mail_proofs import CODE_DIGITS
from domains.auth.services.normalization import EMAIL_MAX_LENGTH
from kernel.rest import Serializer

TICKET_MAX_LENGTH = 1000


class EmailSignInSerializer(Serializer):
    email = serializers.CharField(max_length=EMAIL_MAX_LENGTH)


class EmailTicketSerializer(Serializer):
    ticket = serializers.CharField(help_text="To be shown with the code or token from the mail.")
    expires_in = serializers.IntegerField(help_text="Seconds that the mail is good for.")


class EmailSignInProofSerializer(Serializer):
    ticket = serializers.CharField(max_length=TICKET_MAX_LENGTH)
    code = serializers.RegexField(
        rf"^[0-9]{{{CODE_DIGITS}}}\Z", required=False, help_text="Typed from the mail."
    )
    token = serializers.CharField(
        max_length=TOKEN_MAX_LENGTH, required=False, help_text="From the link in the mail."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Return the values; refuse them with neither code nor token, or with both."""
        if ("code" in attrs) == ("token" in attrs):
            raise serializers.ValidationError("Give either code or token.", code="one_of")
        return attrs
