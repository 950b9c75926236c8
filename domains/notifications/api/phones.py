"""A person's phone number over HTTP."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from domains.notifications.api import examples_channels as examples
from domains.notifications.api.serializers_channels import (
    NewPhoneNumberSerializer,
    PhoneCodeSerializer,
    PhoneNumberSerializer,
)
from domains.notifications.contract.channel_errors import (
    NotByStaff,
    PhoneCodeInvalid,
    PhoneCodeTooSoon,
    PhoneNumberNotFound,
    SmsNotConfigured,
)
from domains.notifications.contract.errors import PersonRequired
from domains.notifications.services.channels import phones
from kernel.clock import now
from kernel.rest import Limit, caller, operation, single


class PhoneNumberView(APIView):
    # Each is an SMS that costs money, to whoever's number that is.
    limits = (
        Limit(name="phone-number", quota=10, window=3600, methods=frozenset({"PUT"})),
        Limit(
            name="phone-number-number",
            quota=5,
            window=86_400,
            field="number",
            methods=frozenset({"PUT"}),
        ),
    )

    @operation(
        "getPhoneNumber",
        "The number that I get SMS at",
        response=PhoneNumberSerializer,
        problems=(PersonRequired, PhoneNumberNotFound),
        response_example=examples.CONFIRMED_PHONE_NUMBER,
    )
    def get(self, request: Request) -> Response:
        found = phones.get_number(principal=caller(request))
        return single(request, PhoneNumberSerializer.render(found))

    @operation(
        "putPhoneNumber",
        "Tell another number, and get a code there",
        description="It counts once the code is confirmed; until then the former one does.",
        request=NewPhoneNumberSerializer,
        response=PhoneNumberSerializer,
        problems=(PersonRequired, NotByStaff, SmsNotConfigured, PhoneCodeTooSoon),
        request_example=examples.NEW_PHONE_NUMBER,
        response_example=examples.PHONE_NUMBER,
    )
    def put(self, request: Request) -> Response:
        values = NewPhoneNumberSerializer.parse(request)
        told = phones.put_number(principal=caller(request), **values, now=now())
        return single(request, PhoneNumberSerializer.render(told))

    @operation(
        "deletePhoneNumber",
        "Forget my number",
        status=204,
        problems=(PersonRequired, PhoneNumberNotFound),
    )
    def delete(self, request: Request) -> Response:
        phones.delete_number(principal=caller(request))
        return Response(status=204)


class PhoneConfirmationView(APIView):
    limits = (Limit(name="phone-confirm", quota=30, window=3600),)

    @operation(
        "confirmPhoneNumber",
        "Prove by the code that the number is mine",
        request=PhoneCodeSerializer,
        response=PhoneNumberSerializer,
        problems=(PersonRequired, NotByStaff, PhoneNumberNotFound, PhoneCodeInvalid),
        request_example=examples.PHONE_CODE,
        response_example=examples.CONFIRMED_PHONE_NUMBER,
    )
    def post(self, request: Request) -> Response:
        values = PhoneCodeSerializer.parse(request)
        proven = phones.confirm(principal=caller(request), **values, now=now())
        return single(request, PhoneNumberSerializer.render(proven))
