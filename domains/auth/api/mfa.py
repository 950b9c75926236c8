from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from domains.auth.api import answers, cookies, examples, examples_factors
from domains.auth.api.serializers_factors import MfaAnswerSerializer, TicketSerializer
from domains.auth.contract.data import Method
from domains.auth.contract.errors import (
    AccountClosing,
    AccountDisabled,
    OriginNotAllowed,
    PasswordResetRequired,
    SignInLocked,
    TicketInvalid,
)
from domains.auth.services import mfa
from domains.auth.services.clients import present_client
from kernel.clock import now
from kernel.rest import Limit, Public, operation

PASSKEY_OPTIONS = {
    "type": "object",
    "description": "PublicKeyCredentialRequestOptionsJSON (WebAuthn).",
}


class MfaView(cookies.CookieFlow):
    permission_classes = [Public]
    limits = (
        Limit(name="mfa", quota=60, window=60),
        Limit(name="mfa-ticket", quota=10, window=300, field="ticket"),
    )

    @operation(
        "finishSignIn",
        "Finish a sign-in with a second factor",
        description="Five attempts a ticket. The answer doesn't say whether the ticket or the "
        "proof was wrong.",
        request=MfaAnswerSerializer,
        response=answers.SIGNED_IN,
        problems=(
            TicketInvalid,
            SignInLocked,
            AccountDisabled,
            AccountClosing,
            PasswordResetRequired,
            OriginNotAllowed,
        ),
        request_example=examples_factors.MFA,
        response_example=examples.TOKENS,
        query=cookies.QUERY,
    )
    def post(self, request: Request) -> Response:
        values = MfaAnswerSerializer.parse(request)
        outcome = mfa.finish(
            ticket=values["ticket"],
            method=Method(values["method"]),
            answer=values["answer"],
            client=present_client(),
            now=now(),
        )
        return answers.signed_in(request, outcome)


class MfaPasskeyOptionsView(APIView):
    permission_classes = [Public]
    limits = (
        Limit(name="mfa-options", quota=60, window=60),
        Limit(name="mfa-options-ticket", quota=10, window=300, field="ticket"),
    )

    @operation(
        "finishSignInPasskeyOptions",
        "What a passkey is asked to finish a sign-in",
        request=TicketSerializer,
        response=PASSKEY_OPTIONS,
        problems=(TicketInvalid,),
        request_example=examples_factors.MFA_PASSKEY_OPTIONS,
        response_example=examples_factors.PASSKEY_OPTIONS,
    )
    def post(self, request: Request) -> Response:
        values = TicketSerializer.parse(request)
        options = mfa.passkey_options(ticket=values["ticket"], now=now())
        return Response(options, headers={"Cache-Control": "no-store"})
