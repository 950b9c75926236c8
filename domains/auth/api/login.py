from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from domains.auth.api import answers, cookies, examples
from domains.auth.api.serializers import CredentialsSerializer
from domains.auth.contract.errors import (
    AccountClosing,
    AccountDisabled,
    CredentialsInvalid,
    EmailNotVerified,
    HashingBusy,
    OriginNotAllowed,
    PasswordResetRequired,
    SignInLocked,
)
from domains.auth.services import login
from domains.auth.services.clients import present_client
from kernel.clock import now
from kernel.rest import Limit, Public, operation


class LoginView(cookies.CookieFlow):
    permission_classes = [Public]
    limits = (Limit(name="login", quota=60, window=60),)

    @operation(
        "login",
        "Sign in with e-mail address and password",
        request=CredentialsSerializer,
        response=answers.SIGNED_IN,
        problems=(
            CredentialsInvalid,
            EmailNotVerified,
            AccountDisabled,
            AccountClosing,
            PasswordResetRequired,
            SignInLocked,
            OriginNotAllowed,
            HashingBusy,
        ),
        request_example=examples.CREDENTIALS,
        response_example=examples.TOKENS,
        query=cookies.QUERY,
    )
    def post(self, request: Request) -> Response:
        values = CredentialsSerializer.parse(request)
        outcome = login.log_in(**values, client=present_client(), now=now())
        return answers.signed_in(request, outcome)
