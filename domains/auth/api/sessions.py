from __future__ import annotations

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from domains.auth.api import answers, cookies, examples, examples_sessions
from domains.auth.api.serializers import RefreshSerializer, TokensSerializer
from domains.auth.api.serializers_sessions import NothingSerializer, SessionSerializer
from domains.auth.contract.errors import (
    ImpersonationForbids,
    OriginNotAllowed,
    RefreshTokenInvalid,
    SessionNotFound,
    SessionRequired,
    StepUpRequired,
)
from domains.auth.services import own_sessions, refresh, sessions
from domains.auth.services.clients import present_client
from kernel.clock import now
from kernel.rest import Limit, Listing, Public, caller, operation, paginate

LISTING = Listing()


class RefreshView(cookies.CookieFlow):
    permission_classes = [Public]
    # Nobody guesses one; but what shows the same one without end is broken or up to something.
    limits = (Limit(name="refresh", quota=120, window=60, field="refresh_token"),)

    @operation(
        "refreshTokens",
        "Exchange a refresh token for new tokens",
        description="Repeating the exchange within 30 seconds gives the same refresh token. A "
        "used one shown later revokes the session. With `?cookie=1` the body is empty.",
        request=RefreshSerializer,
        response=TokensSerializer,
        problems=(RefreshTokenInvalid, OriginNotAllowed),
        request_example=examples.REFRESH,
        response_example=examples.TOKENS,
        query=cookies.QUERY,
    )
    def post(self, request: Request) -> Response:
        renewed = refresh.refresh(
            refresh_token=_refresh_token(request), client=present_client(), now=now()
        )
        return answers.signed_in(request, renewed)


class LogoutView(cookies.CookieFlow):
    @operation(
        "logout",
        "Sign out: the session's tokens are refused from the next request on",
        description="With `?cookie=1` the browser forgets the refresh token, too.",
        status=204,
        problems=(SessionRequired, OriginNotAllowed),
        query=cookies.QUERY,
    )
    def post(self, request: Request) -> Response:
        sessions.log_out(caller(request), now=now())
        response = Response(status=204)
        if cookies.asked(request):
            cookies.clear(response)
        return response


class SessionsView(APIView):
    step_up = frozenset({"DELETE"})

    @operation(
        "listSessions",
        "List where you are signed in",
        description="Sessions that live; `place` is told from the network, and so a guess.",
        response=SessionSerializer,
        listing=LISTING,
        problems=(SessionRequired,),
        response_example=examples_sessions.SESSION,
    )
    def get(self, request: Request) -> Response:
        rows = own_sessions.list_sessions(caller(request), now=now())
        return Response(paginate(request, rows, listing=LISTING, represent=SessionSerializer))

    @operation(
        "endOtherSessions",
        "Sign out everywhere else",
        status=204,
        problems=(SessionRequired, StepUpRequired, ImpersonationForbids),
    )
    def delete(self, request: Request) -> Response:
        own_sessions.end_other_sessions(caller(request), now=now())
        return Response(status=204)


class SessionView(APIView):
    step_up = frozenset({"DELETE"})

    @operation(
        "endSession",
        "Sign out one session: its tokens are refused from the next request on",
        status=204,
        problems=(SessionRequired, SessionNotFound, StepUpRequired, ImpersonationForbids),
    )
    def delete(self, request: Request, session_id: UUID) -> Response:
        own_sessions.end_session(caller(request), session_id=session_id, now=now())
        return Response(status=204)


def _refresh_token(request: Request) -> str:
    if cookies.asked(request):
        NothingSerializer.parse(request)
        return cookies.refresh_token_of(request)
    return str(RefreshSerializer.parse(request)["refresh_token"])
