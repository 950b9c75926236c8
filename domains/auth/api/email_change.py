from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from domains.auth.api import examples, examples_account
from domains.auth.api.serializers import AcceptedSerializer
from domains.auth.api.serializers_account import AddressSerializer, MailTokenSerializer
from domains.auth.contract.errors import (
    EmailInvalid,
    EmailUnavailable,
    MailTokenInvalid,
    SessionRequired,
)
from domains.auth.services import email_change
from kernel.clock import now
from kernel.rest import Limit, Public, caller, operation


class EmailChangeView(APIView):
    step_up = frozenset({"POST"})
    # The second keeps anybody from filling a stranger's mailbox.
    limits = (
        Limit(name="email-change", quota=10, window=3600),
        Limit(name="email-change-email", quota=5, window=3600, field="email"),
    )

    @operation(
        "requestEmailChange",
        "Ask for another e-mail address",
        description="A mail to the new address lets its reader confirm it, for 24 hours. The "
        "answer is the same whether another account has that address or not.",
        request=AddressSerializer,
        response=AcceptedSerializer,
        status=202,
        problems=(SessionRequired, EmailInvalid),
        request_example=examples_account.NEW_ADDRESS,
        response_example=examples.ACCEPTED,
    )
    def post(self, request: Request) -> Response:
        values = AddressSerializer.parse(request)
        email_change.request_change(caller(request), email=values["email"], now=now())
        return Response(examples.ACCEPTED, status=202)


class ConfirmEmailChangeView(APIView):
    permission_classes = [Public]
    limits = (Limit(name="confirm-email-change", quota=30, window=60),)

    @operation(
        "confirmEmailChange",
        "Confirm the new address with the token from the mail to it",
        description="All sessions end. A mail to the former address lets its reader take it back "
        "for seven days.",
        request=MailTokenSerializer,
        status=204,
        problems=(MailTokenInvalid, EmailUnavailable),
        request_example=examples_account.TOKEN,
    )
    def post(self, request: Request) -> Response:
        values = MailTokenSerializer.parse(request)
        email_change.confirm(token=values["token"], now=now())
        return Response(status=204)


class UndoEmailChangeView(APIView):
    permission_classes = [Public]
    limits = (Limit(name="undo-email-change", quota=30, window=60),)

    @operation(
        "undoEmailChange",
        "Take the former address back with the token from the mail to it",
        description="All sessions end, with the factors, linked identities and API keys made "
        "since the change. A mail lets its reader choose a new password, which must come first.",
        request=MailTokenSerializer,
        status=204,
        problems=(MailTokenInvalid, EmailUnavailable),
        request_example=examples_account.TOKEN,
    )
    def post(self, request: Request) -> Response:
        values = MailTokenSerializer.parse(request)
        email_change.undo(token=values["token"], now=now())
        return Response(status=204)
