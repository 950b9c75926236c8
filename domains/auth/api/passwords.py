from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from domains.auth.api import examples, examples_account
from domains.auth.api.serializers import AcceptedSerializer
from domains.auth.api.serializers_account import (
    AddressSerializer,
    PasswordChangeSerializer,
    PasswordResetSerializer,
)
from domains.auth.contract.errors import (
    EmailInvalid,
    HashingBusy,
    MailTokenInvalid,
    PasswordWrong,
    SessionRequired,
    SignInLocked,
)
from domains.auth.services import password_change, password_reset, verification
from domains.auth.services.clients import present_client
from kernel.clock import now
from kernel.errors import ValidationFailed
from kernel.rest import Limit, Public, caller, operation

SAME_ANSWER = "The answer is the same whether there is such an account or not."


class ForgotPasswordView(APIView):
    permission_classes = [Public]
    # The second keeps anybody from filling a stranger's mailbox. Each kind of mail has one of its
    # own: a stranger who uses it up has at least had that very mail sent.
    limits = (
        Limit(name="forgot-password", quota=30, window=60),
        Limit(name="forgot-password-email", quota=5, window=3600, field="email"),
    )

    @operation(
        "forgotPassword",
        "Ask for a mail that lets its reader choose a new password",
        description=SAME_ANSWER,
        request=AddressSerializer,
        response=AcceptedSerializer,
        status=202,
        problems=(EmailInvalid,),
        request_example=examples_account.ADDRESS,
        response_example=examples.ACCEPTED,
    )
    def post(self, request: Request) -> Response:
        values = AddressSerializer.parse(request)
        password_reset.request_reset(email=values["email"], now=now())
        return Response(examples.ACCEPTED, status=202)


class ResetPasswordView(APIView):
    permission_classes = [Public]
    limits = (Limit(name="reset-password", quota=30, window=60),)

    @operation(
        "resetPassword",
        "Choose a new password with the token from the mail",
        description="The token is good once, for 30 minutes. All sessions end, and none begins.",
        request=PasswordResetSerializer,
        status=204,
        problems=(MailTokenInvalid, ValidationFailed, HashingBusy),
        request_example=examples_account.RESET,
    )
    def post(self, request: Request) -> Response:
        values = PasswordResetSerializer.parse(request)
        password_reset.reset(token=values["token"], password=values["password"], now=now())
        return Response(status=204)


class PasswordView(APIView):
    step_up = frozenset({"PUT"})
    limits = (Limit(name="change-password", quota=10, window=600),)

    @operation(
        "changePassword",
        "Change your password",
        description="All your other sessions end.",
        request=PasswordChangeSerializer,
        status=204,
        problems=(SessionRequired, SignInLocked, PasswordWrong, ValidationFailed, HashingBusy),
        request_example=examples_account.CHANGE,
    )
    def put(self, request: Request) -> Response:
        values = PasswordChangeSerializer.parse(request)
        password_change.change(caller(request), **values, client=present_client(), now=now())
        return Response(status=204)


class ResendVerificationView(APIView):
    permission_classes = [Public]
    limits = (
        Limit(name="resend-verification", quota=30, window=60),
        Limit(name="resend-verification-email", quota=5, window=3600, field="email"),
    )

    @operation(
        "resendVerification",
        "Ask for another mail to confirm a registered address",
        description=SAME_ANSWER,
        request=AddressSerializer,
        response=AcceptedSerializer,
        status=202,
        problems=(EmailInvalid,),
        request_example=examples_account.ADDRESS,
        response_example=examples.ACCEPTED,
    )
    def post(self, request: Request) -> Response:
        values = AddressSerializer.parse(request)
        verification.resend(email=values["email"], now=now())
        return Response(examples.ACCEPTED, status=202)
