from __future__ import annotations

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from domains.auth.api import examples_factors
from domains.auth.api import examples_federation as shown
from domains.auth.api.federation import (
    FINISH_PROBLEMS,
    START_PROBLEMS,
    finishing,
    private,
    started,
)
from domains.auth.api.serializers_factors import AccessSerializer
from domains.auth.api.serializers_federation import (
    FederationFinishSerializer,
    FederationStartedSerializer,
    FederationStartSerializer,
    IdentitySerializer,
)
from domains.auth.contract.errors import (
    IdentityNotFound,
    IdentityTaken,
    ImpersonationForbids,
    LastWayIn,
    SessionRequired,
    StepUpFailed,
)
from domains.auth.services.clients import present_client
from domains.auth.services.federation import identities, step_up
from kernel.clock import now
from kernel.rest import Limit, Listing, caller, operation, paginate

LISTING = Listing()


class LinkView(APIView):
    step_up = frozenset({"POST"})
    limits = (Limit(name="federation-link", quota=30, window=60),)

    @operation(
        "startLinkingIdentity",
        "Begin to link a provider to the account",
        request=FederationStartSerializer,
        response=FederationStartedSerializer,
        problems=(SessionRequired, *START_PROBLEMS),
        request_example=shown.START,
        response_example=shown.STARTED,
    )
    def post(self, request: Request, provider: str) -> Response:
        values = FederationStartSerializer.parse(request)
        return started(
            identities.start_linking(caller(request), provider=provider, **values, now=now())
        )


class FinishLinkView(APIView):
    limits = (Limit(name="federation-link-finish", quota=30, window=60),)

    @operation(
        "finishLinkingIdentity",
        "Link the provider with what the person brought back from it",
        description="In the session that began.",
        request=FederationFinishSerializer,
        response=IdentitySerializer,
        status=201,
        problems=(SessionRequired, *FINISH_PROBLEMS, IdentityTaken),
        request_example=shown.FINISH,
        response_example=shown.IDENTITY,
    )
    def post(self, request: Request, provider: str) -> Response:
        values = finishing(request)
        linked = identities.finish_linking(caller(request), provider=provider, **values, now=now())
        return private(IdentitySerializer.render(linked), status=201)


class IdentitiesView(APIView):
    @operation(
        "listIdentities",
        "List the providers' identities that lead to the account",
        response=IdentitySerializer,
        listing=LISTING,
        problems=(SessionRequired,),
        response_example=shown.IDENTITY,
    )
    def get(self, request: Request) -> Response:
        rows = identities.list_identities(caller(request))
        return Response(paginate(request, rows, listing=LISTING, represent=IdentitySerializer))


class IdentityView(APIView):
    step_up = frozenset({"DELETE"})

    @operation(
        "unlinkIdentity",
        "Unlink a provider's identity from the account",
        description="Its other sessions end.",
        status=204,
        problems=(SessionRequired, IdentityNotFound, LastWayIn),
    )
    def delete(self, request: Request, identity_id: UUID) -> Response:
        identities.unlink(caller(request), identity_id=identity_id, now=now())
        return Response(status=204)


class StepUpView(APIView):
    limits = (Limit(name="federation-step-up", quota=30, window=60),)

    @operation(
        "startFederatedStepUp",
        "Begin to prove anew who you are, by signing in anew at the provider",
        description="For accounts without password and second factor.",
        request=FederationStartSerializer,
        response=FederationStartedSerializer,
        problems=(
            SessionRequired,
            ImpersonationForbids,
            IdentityNotFound,
            StepUpFailed,
            *START_PROBLEMS,
        ),
        request_example=shown.START,
        response_example=shown.STARTED,
    )
    def post(self, request: Request, provider: str) -> Response:
        values = FederationStartSerializer.parse(request)
        return started(step_up.start(caller(request), provider=provider, **values, now=now()))


class FinishStepUpView(APIView):
    limits = (Limit(name="federation-step-up-finish", quota=30, window=60),)

    @operation(
        "finishFederatedStepUp",
        "Prove anew who you are with what the person brought back from the provider",
        request=FederationFinishSerializer,
        response=AccessSerializer,
        problems=(SessionRequired, ImpersonationForbids, StepUpFailed, *FINISH_PROBLEMS),
        request_example=shown.FINISH,
        response_example=examples_factors.ACCESS,
    )
    def post(self, request: Request, provider: str) -> Response:
        values = finishing(request)
        access = step_up.finish(
            caller(request), provider=provider, **values, client=present_client(), now=now()
        )
        return private(AccessSerializer.render(access))
