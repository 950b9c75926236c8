from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from domains.auth.api import answers, cookies, examples
from domains.auth.api.serializers_email_sign_in import (
    EmailSignInProofSerializer,
    EmailSignInSerializer,
    EmailTicketSerializer,
)
from domains.auth.contract.errors import (
    CredentialsInvalid,
    EmailInvalid,
    OriginNotAllowed,
    PasswordResetRequired,
    SignInLocked,
    TicketInvalid,
)
from domains.auth.services import email_sign_in
from domains.auth.services.clients import present_client
from kernel.clock import now
from kernel.rest import Limit, Public, operation

TICKET = {"ticket": "gAAAAABpIfm0c3VyZS1ub3Q…", "expires_in": 600}


class EmailSignInView(APIView):
    permission_classes = [Public]
    # The second keeps anybody from filling a stranger's mailbox, and bounds what can be guessed.
    limits = (
        Limit(name="email-sign-in", quota=30, window=60),
        Limit(name="email-sign-in-email", quota=5, window=3600, field="email"),
    )

    @operation(
        "startEmailSignIn",
        "Have a code and a link to sign in with sent by mail",
        description="The answer is the same whether there is such an account or not, and whether "
        "its owner allows this or not. A newer mail voids the older.",
        request=EmailSignInSerializer,
        response=EmailTicketSerializer,
        status=202,
        problems=(EmailInvalid,),
        request_example={"email": "ada@example.com"},
        response_example=TICKET,
    )
    def post(self, request: Request) -> Response:
        values = EmailSignInSerializer.parse(request)
        ticket = email_sign_in.request_mail(email=values["email"], now=now())
        expires_in = int(email_sign_in.LIFETIME.total_seconds())
        shown = EmailTicketSerializer.render({"ticket": ticket, "expires_in": expires_in})
        return Response(shown, status=202, headers={"Cache-Control": "no-store"})


class EmailSignInVerifyView(cookies.CookieFlow):
    permission_classes = [Public]
    limits = (Limit(name="email-sign-in-verify", quota=30, window=60),)

    @operation(
        "signInByEmail",
        "Sign in with the code or the token from the mail, and the ticket it was asked with",
        description="Five tries count; then a new mail is needed.",
        request=EmailSignInProofSerializer,
        response=answers.SIGNED_IN,
        problems=(
            TicketInvalid,
            SignInLocked,
            CredentialsInvalid,
            PasswordResetRequired,
            OriginNotAllowed,
        ),
        request_example={"ticket": TICKET["ticket"], "code": "31415926"},
        response_example=examples.TOKENS,
        query=cookies.QUERY,
    )
    def post(self, request: Request) -> Response:
        values = EmailSignInProofSerializer.parse(request)
        outcome = email_sign_in.log_in(**values, client=present_client(), now=now())
        return answers.signed_in(request, outcome)
