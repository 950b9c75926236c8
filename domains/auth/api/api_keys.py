from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from domains.auth.api import examples_machines as examples
from domains.auth.api.serializers_machines import (
    ApiKeySerializer,
    CreatedApiKeySerializer,
    NewApiKeySerializer,
    RotationSerializer,
)
from domains.auth.contract.errors import (
    ApiKeyAlreadyRotated,
    ApiKeyNotFound,
    ExpiryInPast,
    PermissionNotGrantable,
    ServiceAccountNotFound,
    SessionRequired,
)
from domains.auth.models import ApiKey
from domains.auth.services import api_key_rotation, api_keys
from kernel.clock import now
from kernel.errors import Forbidden
from kernel.rest import (
    Listing,
    caller,
    operation,
    paginate,
)

LISTING = Listing()


class ApiKeysView(APIView):
    step_up = frozenset({"POST"})

    @operation(
        "listApiKeys",
        "List the organization's API keys",
        response=ApiKeySerializer,
        listing=LISTING,
        problems=(Forbidden,),
        response_example=examples.API_KEY,
    )
    def get(self, request: Request) -> Response:
        rows = api_keys.list_api_keys(caller(request))
        return Response(paginate(request, rows, listing=LISTING, represent=ApiKeySerializer))

    @operation(
        "createApiKey",
        "Create an API key in the organization",
        description="It is yours, the organization's, or a service account's. The secret is in "
        "this answer alone.",
        request=NewApiKeySerializer,
        response=CreatedApiKeySerializer,
        status=201,
        problems=(
            Forbidden,
            SessionRequired,
            PermissionNotGrantable,
            ExpiryInPast,
            ServiceAccountNotFound,
        ),
        request_example=examples.NEW_API_KEY,
        response_example=examples.CREATED_API_KEY,
    )
    def post(self, request: Request) -> Response:
        values = NewApiKeySerializer.parse(request)
        return _shown_once(*api_keys.create_api_key(caller(request), **values, now=now()))


class ApiKeyView(APIView):
    @operation(
        "revokeApiKey",
        "Revoke an API key",
        status=204,
        problems=(Forbidden, SessionRequired, ApiKeyNotFound),
    )
    def delete(self, request: Request, api_key_id: UUID) -> Response:
        api_keys.revoke_api_key(caller(request), api_key_id=api_key_id, now=now())
        return Response(status=204)


class RotateApiKeyView(APIView):
    step_up = frozenset({"POST"})

    @operation(
        "rotateApiKey",
        "Give an API key a successor of the same scope",
        description="The former key counts until the overlap ends. The secret is in this answer "
        "alone.",
        request=RotationSerializer,
        response=CreatedApiKeySerializer,
        status=201,
        problems=(Forbidden, SessionRequired, ApiKeyNotFound, ApiKeyAlreadyRotated),
        request_example=examples.ROTATION,
        response_example=examples.CREATED_API_KEY,
    )
    def post(self, request: Request, api_key_id: UUID) -> Response:
        values = RotationSerializer.parse(request)
        overlap = timedelta(seconds=values["overlap_seconds"])
        made = api_key_rotation.rotate_api_key(
            caller(request), api_key_id=api_key_id, overlap=overlap, now=now()
        )
        return _shown_once(*made)


def _shown_once(key: ApiKey, secret: str) -> Response:
    shown = {**ApiKeySerializer.render(key), "secret": secret}
    return Response(shown, status=201, headers={"Cache-Control": "no-store"})
