from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from domains.auth.api import examples
from domains.auth.api.serializers import (
    AcceptedSerializer,
    EmailProofSerializer,
    RegistrationSerializer,
)
from domains.auth.contract.errors import (
    EmailInvalid,
    HashingBusy,
    VerificationTokenInvalid,
)
from domains.auth.services import registration, verification
from kernel.clock import now
from kernel.errors import ValidationFailed
from kernel.rest import (
    Limit,
    Public,
    operation,
)


class RegisterView(APIView):
    permission_classes = [Public]
    # The second keeps anybody from filling a stranger's mailbox.
    limits = (
        Limit(name="register", quota=30, window=60),
        Limit(name="register-email", quota=5, window=3600, field="email"),
    )

    @operation(
        "register",
        "Register an e-mail address",
        description="The answer is the same whether the address is known or not; a mail says "
        "what comes next.",
        request=RegistrationSerializer,
        response=AcceptedSerializer,
        status=202,
        problems=(EmailInvalid, ValidationFailed, HashingBusy),
        request_example=examples.CREDENTIALS,
        response_example=examples.ACCEPTED,
    )
    def post(self, request: Request) -> Response:
        values = RegistrationSerializer.parse(request)
        registration.register(email=values["email"], password=values["password"], now=now())
        return Response(examples.ACCEPTED, status=202)


class VerifyEmailView(APIView):
    permission_classes = [Public]
    limits = (Limit(name="verify-email", quota=30, window=60),)

    @operation(
        "verifyEmail",
        "Confirm an e-mail address with the token from the mail",
        request=EmailProofSerializer,
        status=204,
        problems=(VerificationTokenInvalid,),
        request_example=examples.EMAIL_PROOF,
    )
    def post(self, request: Request) -> Response:
        values = EmailProofSerializer.parse(request)
        verification.verify_email(token=values["token"], now=now())
        return Response(status=204)
