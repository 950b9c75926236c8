from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from domains.auth.api import examples_account
from domains.auth.api.serializers_account import (
    AccountChangeSerializer,
    AccountSerializer,
    ClosingSerializer,
    MailTokenSerializer,
)
from domains.auth.contract.errors import MailTokenInvalid, SessionRequired, StaffStays
from domains.auth.services import account_settings, closing
from kernel.clock import now
from kernel.rest import Limit, Public, caller, operation, single


class AccountView(APIView):
    step_up = frozenset({"PATCH"})

    @operation(
        "getAccount",
        "Your account",
        response=AccountSerializer,
        problems=(SessionRequired,),
        response_example=examples_account.ACCOUNT,
    )
    def get(self, request: Request) -> Response:
        account = account_settings.get_account(caller(request))
        return single(request, AccountSerializer.render(account))

    @operation(
        "changeAccount",
        "Say whether a code by mail may sign you in",
        request=AccountChangeSerializer,
        response=AccountSerializer,
        problems=(SessionRequired,),
        request_example=examples_account.ACCOUNT_CHANGE,
        response_example=examples_account.ACCOUNT,
    )
    def patch(self, request: Request) -> Response:
        values = AccountChangeSerializer.parse(request)
        account = account_settings.set_email_sign_in(
            caller(request), allowed=values["email_sign_in"]
        )
        return single(request, AccountSerializer.render(account))


class CloseAccountView(APIView):
    step_up = frozenset({"POST"})

    @operation(
        "closeAccount",
        "Close your account",
        description="All sessions end at once, and nobody gets in. After seven days all that is "
        "known of you is erased; until then the link in the mail takes it back.",
        response=ClosingSerializer,
        status=202,
        problems=(SessionRequired, StaffStays),
        response_example=examples_account.CLOSING,
    )
    def post(self, request: Request) -> Response:
        erase_at = closing.close(caller(request), now=now())
        return Response(ClosingSerializer.render({"erase_at": erase_at}), status=202)


class ReopenAccountView(APIView):
    permission_classes = [Public]
    limits = (Limit(name="reopen-account", quota=30, window=60),)

    @operation(
        "reopenAccount",
        "Take the closing of your account back with the token from the mail",
        request=MailTokenSerializer,
        status=204,
        problems=(MailTokenInvalid,),
        request_example=examples_account.TOKEN,
    )
    def post(self, request: Request) -> Response:
        values = MailTokenSerializer.parse(request)
        closing.reopen(token=values["token"], now=now())
        return Response(status=204)
