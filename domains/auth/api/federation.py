from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from domains.auth.api import answers, cookies, examples
from domains.auth.api import examples_federation as shown
from domains.auth.api.serializers_federation import (
    FederationFinishSerializer,
    FederationStartedSerializer,
    FederationStartSerializer,
    LogoutTokenSerializer,
    LogoutUrlSerializer,
    ProviderSerializer,
)
from domains.auth.contract.errors import (
    AccountClosing,
    AccountDisabled,
    CredentialsInvalid,
    EmailNotVerified,
    FederatedEmailUnverified,
    FederationFailed,
    LinkRequired,
    LogoutTokenInvalid,
    OriginNotAllowed,
    PasswordResetRequired,
    ProviderNotFound,
    ProviderUnavailable,
    RedirectUriUnknown,
    SessionRequired,
    TicketInvalid,
)
from domains.auth.services.clients import present_client
from domains.auth.services.federation import logout, providers, sign_in
from domains.auth.services.federation.exchange import Answer
from domains.auth.services.federation.flows import Started
from kernel.clock import now
from kernel.rest import Body, Limit, Public, caller, operation, single

FORM = "application/x-www-form-urlencoded"
PROVIDERS = {
    "type": "object",
    "required": ["data"],
    "properties": {
        "data": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["provider", "name"],
                "properties": {
                    "provider": {"type": "string", "description": "Its name in paths."},
                    "name": {"type": "string", "description": "What people know it as."},
                },
            },
        }
    },
}
START_PROBLEMS = (ProviderNotFound, ProviderUnavailable, RedirectUriUnknown)
FINISH_PROBLEMS = (ProviderNotFound, ProviderUnavailable, TicketInvalid, FederationFailed)


class ProvidersView(APIView):
    permission_classes = [Public]

    @operation(
        "listSignInProviders",
        "The providers that people can sign in with",
        response=PROVIDERS,
        response_example=shown.PROVIDERS,
    )
    def get(self, request: Request) -> Response:
        return single(request, {"data": ProviderSerializer.render_all(providers.every())})


class StartView(APIView):
    permission_classes = [Public]
    limits = (Limit(name="federation-start", quota=60, window=60),)

    @operation(
        "startFederatedSignIn",
        "Begin to sign in with a provider",
        description="Keep the ticket, send the person to the URL, and finish with what they bring "
        "back within ten minutes.",
        request=FederationStartSerializer,
        response=FederationStartedSerializer,
        problems=START_PROBLEMS,
        request_example=shown.START,
        response_example=shown.STARTED,
    )
    def post(self, request: Request, provider: str) -> Response:
        values = FederationStartSerializer.parse(request)
        return started(sign_in.start(provider=provider, **values, now=now()))


class FinishView(cookies.CookieFlow):
    permission_classes = [Public]
    limits = (Limit(name="federation-finish", quota=60, window=60),)

    @operation(
        "finishFederatedSignIn",
        "Sign in with what the person brought back from the provider",
        description="Somebody new gets an account if the provider has verified their address. "
        "Where the address has an account already, sign in to that and link the provider.",
        request=FederationFinishSerializer,
        response=answers.SIGNED_IN,
        problems=(
            *FINISH_PROBLEMS,
            FederatedEmailUnverified,
            LinkRequired,
            CredentialsInvalid,
            EmailNotVerified,
            AccountDisabled,
            AccountClosing,
            PasswordResetRequired,
            OriginNotAllowed,
        ),
        request_example=shown.FINISH,
        response_example=examples.TOKENS,
        query=cookies.QUERY,
    )
    def post(self, request: Request, provider: str) -> Response:
        values = finishing(request)
        outcome = sign_in.finish(provider=provider, **values, client=present_client(), now=now())
        return answers.signed_in(request, outcome)


class LogoutUrlView(APIView):
    @operation(
        "getFederatedLogoutUrl",
        "Where to sign out at the provider that the session began with",
        description="Signing out here is `POST auth/logout`; the person's session at the provider "
        "goes on until they sign out there.",
        response=LogoutUrlSerializer,
        problems=(SessionRequired, ProviderUnavailable),
        response_example=shown.LOGOUT_URL,
    )
    def post(self, request: Request) -> Response:
        return private({"url": logout.logout_url(caller(request), now=now())})


class BackchannelLogoutView(APIView):
    """Called by the provider's servers (OpenID Connect Back-Channel Logout 1.0)."""

    permission_classes = [Public]
    body = Body(max_bytes=16_384, content_types=frozenset({FORM}))
    limits = (Limit(name="backchannel-logout", quota=600, window=60),)

    @operation(
        "receiveFederatedLogout",
        "Where a provider tells that somebody signed out there",
        request=LogoutTokenSerializer,
        response={"type": "object"},
        problems=(ProviderNotFound, ProviderUnavailable, LogoutTokenInvalid),
        request_example=shown.LOGOUT_TOKEN,
        response_example={},
    )
    def post(self, request: Request, provider: str) -> Response:
        token = request._request.POST.get("logout_token", "")
        logout.take_notice(provider=provider, token=token, now=now())
        return private({})


def finishing(request: Request) -> dict[str, Any]:
    """Return the values of a request that finishes a visit."""
    values = FederationFinishSerializer.parse(request)
    answer = Answer(code=values["code"], issuer=values["iss"])
    return {"ticket": values["ticket"], "state": values["state"], "answer": answer}


def started(visit: Started) -> Response:
    """Return the beginning of a visit to a provider."""
    return private(FederationStartedSerializer.render(visit))


def private(document: dict[str, Any], *, status: int = 200) -> Response:
    """Return an answer that nobody on the way may keep."""
    return Response(document, status=status, headers={"Cache-Control": "no-store"})
