"""HTTP in and out: as whom the organization is billed."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from babel import Locale, UnknownLocaleError
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from domains.billing.contract.invoice_errors import VatIdInvalid
from domains.billing.services import profile
from kernel import clock
from kernel.errors import Forbidden, PreconditionFailed
from kernel.rest import Serializer, caller, if_match, operation, single

# Groupings and what CLDR keeps for itself: no addresses are there.
_NO_COUNTRIES = {"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"}
COUNTRIES = {str(code) for code in Locale("en").territories} - _NO_COUNTRIES
_EXAMPLE: dict[str, Any] = {
    "organization_id": "0192f0c1-7c5e-7d4a-9b1e-3f2a1c0d4e5f",
    "name": "Analytical Engines GmbH",
    "email": "invoices@analytical.example",
    "address": {
        "line1": "Lochkartenallee 2",
        "line2": "",
        "postal_code": "20095",
        "city": "Hamburg",
        "state": "",
    },
    "country": "DE",
    "vat_id": "DE136695976",
    "locale": "de-DE",
    "time_zone": "Europe/Berlin",
    "tax_exempt_reason": "",
}


class AddressField(Serializer):
    """Where invoices go; what is left out is empty."""

    line1 = serializers.CharField(max_length=200, allow_blank=True, default="")
    line2 = serializers.CharField(max_length=200, allow_blank=True, default="")
    postal_code = serializers.CharField(max_length=20, allow_blank=True, default="")
    city = serializers.CharField(max_length=100, allow_blank=True, default="")
    state = serializers.CharField(max_length=100, allow_blank=True, default="")


class ProfileChange(Serializer):
    """What is to be another from now on."""

    name = serializers.CharField(max_length=200, allow_blank=True)
    email = serializers.EmailField(allow_blank=True)
    address = AddressField()
    country = serializers.CharField(
        max_length=2, allow_blank=True, help_text="ISO 3166-1 alpha-2; taxes are those of it."
    )
    vat_id = serializers.CharField(
        max_length=32, allow_blank=True, help_text="In the EU with its country's prefix."
    )
    locale = serializers.CharField(max_length=35, help_text="BCP 47, such as de-AT.")
    time_zone = serializers.CharField(max_length=64, help_text="IANA, such as Europe/Vienna.")

    def validate_country(self, value: str) -> str:
        """Return the country's code; raise `ValidationError` if there is no such country."""
        if value and value not in COUNTRIES:
            raise serializers.ValidationError("This is no country of ISO 3166-1.", "country")
        return value

    def validate_locale(self, value: str) -> str:
        """Return the tag; raise `ValidationError` unless it is one of a known language."""
        try:
            Locale.parse(value, sep="-")
        except (ValueError, UnknownLocaleError) as error:
            raise serializers.ValidationError("No such language is known.", "locale") from error
        return value

    def validate_time_zone(self, value: str) -> str:
        """Return the name; raise `ValidationError` if there is no such zone."""
        if value not in available_timezones():
            raise serializers.ValidationError("This is no time zone of IANA's.", "time_zone")
        return value


class ProfileOut(ProfileChange):
    """As whom the organization is billed."""

    organization_id = serializers.UUIDField()
    tax_exempt_reason = serializers.CharField(help_text="Given by staff.")


class Profile(APIView):
    """The current organization's billing profile."""

    @operation(
        "getBillingProfile",
        "Show as whom the organization is billed",
        response=ProfileOut,
        response_example=_EXAMPLE,
        problems=(Forbidden,),
    )
    def get(self, request: Request) -> Response:
        return _answer(request, profile.get_profile(principal=caller(request)))

    @operation(
        "changeBillingProfile",
        "Change as whom the organization is billed",
        description="Invoices that were issued stay as they are.",
        request=ProfileChange,
        response=ProfileOut,
        request_example={"country": "DE", "vat_id": "DE136695976"},
        response_example=_EXAMPLE,
        problems=(Forbidden, PreconditionFailed, VatIdInvalid),
    )
    def patch(self, request: Request) -> Response:
        changed = profile.change_profile(
            principal=caller(request),
            wanted=ProfileChange.parse(request, partial=True),
            expected=if_match(request),
            now=clock.now(),
        )
        return _answer(request, changed)


def _answer(request: Request, state: profile.Profile) -> Response:
    return single(request, ProfileOut.render(state), tag=state.tag)
