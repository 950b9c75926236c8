from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from domains.auth.api import examples_factors
from domains.auth.api.serializers_factors import (
    CodeSerializer,
    FactorsSerializer,
    RecoveryCodesSerializer,
    TotpBegunSerializer,
)
from domains.auth.contract.errors import (
    CodeInvalid,
    FactorRequired,
    PasswordTooShortAlone,
    SessionRequired,
    TotpInUse,
    TotpNotFound,
)
from domains.auth.services import overview, recovery_codes, totp
from kernel.clock import now
from kernel.rest import Limit, caller, operation

SECRET = {"Cache-Control": "no-store"}


class FactorsView(APIView):
    @operation(
        "getFactors",
        "How you can prove who you are",
        response=FactorsSerializer,
        problems=(SessionRequired,),
        response_example=examples_factors.FACTORS,
    )
    def get(self, request: Request) -> Response:
        return Response(FactorsSerializer.render(overview.get_factors(caller(request))))


class TotpView(APIView):
    step_up = frozenset({"POST", "DELETE"})
    limits = (Limit(name="totp", quota=30, window=60),)

    @operation(
        "beginTotp",
        "Begin to set up an authenticator app",
        description="It counts once a code of it was confirmed.",
        response=TotpBegunSerializer,
        status=201,
        problems=(TotpInUse,),
        response_example=examples_factors.TOTP_BEGUN,
    )
    def post(self, request: Request) -> Response:
        begun = totp.begin(caller(request), now=now())
        return Response(TotpBegunSerializer.render(begun), status=201, headers=SECRET)

    @operation(
        "removeTotp",
        "Remove the authenticator app, and end all other sessions",
        status=204,
        problems=(TotpNotFound, PasswordTooShortAlone),
    )
    def delete(self, request: Request) -> Response:
        totp.remove(caller(request), now=now())
        return Response(status=204)


class TotpConfirmView(APIView):
    step_up = frozenset({"POST"})
    limits = (Limit(name="totp-confirm", quota=30, window=60),)

    @operation(
        "confirmTotp",
        "Have the authenticator app count, by a code of it",
        description="With the first second factor come recovery codes, shown this once.",
        request=CodeSerializer,
        response=RecoveryCodesSerializer,
        problems=(TotpNotFound, TotpInUse, CodeInvalid),
        request_example=examples_factors.CODE,
        response_example=examples_factors.RECOVERY_CODES,
    )
    def post(self, request: Request) -> Response:
        values = CodeSerializer.parse(request)
        codes = totp.confirm(caller(request), code=values["code"], now=now())
        return Response({"recovery_codes": codes}, headers=SECRET)


class RecoveryCodesView(APIView):
    step_up = frozenset({"POST"})
    limits = (Limit(name="recovery-codes", quota=30, window=60),)

    @operation(
        "makeRecoveryCodes",
        "Make ten new recovery codes in place of the former ones",
        response=RecoveryCodesSerializer,
        status=201,
        problems=(FactorRequired,),
        response_example=examples_factors.RECOVERY_CODES,
    )
    def post(self, request: Request) -> Response:
        codes = recovery_codes.make(caller(request), now=now())
        return Response({"recovery_codes": codes}, status=201, headers=SECRET)
