from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from domains.auth.api import examples_factors
from domains.auth.api.mfa import PASSKEY_OPTIONS
from domains.auth.api.serializers_factors import AccessSerializer, AnswerSerializer
from domains.auth.contract.data import Method
from domains.auth.contract.errors import (
    HashingBusy,
    ImpersonationForbids,
    SessionRequired,
    SignInLocked,
    StepUpFailed,
)
from domains.auth.services import step_up
from domains.auth.services.clients import present_client
from kernel.clock import now
from kernel.rest import Limit, caller, operation


class StepUpView(APIView):
    limits = (Limit(name="step-up", quota=30, window=60),)

    @operation(
        "stepUp",
        "Prove anew who you are, for what needs fresh proof",
        description="By one of the methods that the refused request named. Whoever signs in by "
        "e-mail or at another provider proves it by signing in again.",
        request=AnswerSerializer,
        response=AccessSerializer,
        problems=(
            SessionRequired,
            ImpersonationForbids,
            StepUpFailed,
            SignInLocked,
            HashingBusy,
        ),
        request_example=examples_factors.STEP_UP,
        response_example=examples_factors.ACCESS,
    )
    def post(self, request: Request) -> Response:
        values = AnswerSerializer.parse(request)
        access = step_up.step_up(
            caller(request),
            method=Method(values["method"]),
            answer=values["answer"],
            client=present_client(),
            now=now(),
        )
        return Response(AccessSerializer.render(access), headers={"Cache-Control": "no-store"})


class StepUpPasskeyOptionsView(APIView):
    limits = (Limit(name="step-up-options", quota=30, window=60),)

    @operation(
        "stepUpPasskeyOptions",
        "What a passkey is asked to prove anew who you are",
        response=PASSKEY_OPTIONS,
        problems=(SessionRequired, ImpersonationForbids, StepUpFailed),
        response_example=examples_factors.PASSKEY_OPTIONS,
    )
    def post(self, request: Request) -> Response:
        options = step_up.passkey_options(caller(request), now=now())
        return Response(options, headers={"Cache-Control": "no-store"})
