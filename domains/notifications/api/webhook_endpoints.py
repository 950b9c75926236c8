from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from domains.notifications.api import examples_webhooks as examples
from domains.notifications.api.serializers_webhooks import (
    NewWebhookEndpointSerializer,
    WebhookEndpointChangesSerializer,
    WebhookEndpointSerializer,
    WebhookEndpointWithSecretSerializer,
    WebhookEventTypeSerializer,
    WebhookRotationSerializer,
)
from domains.notifications.contract.webhooks import (
    AddressRefused,
    EventTypeUnknown,
    TooManyEndpoints,
    WebhookEndpointNotFound,
)
from domains.notifications.models import WebhookEndpoint
from domains.notifications.services.webhooks import endpoints, event_types
from kernel.clock import now
from kernel.errors import Forbidden, PreconditionFailed
from kernel.rest import Listing, caller, if_match, operation, paginate, single

LISTING = Listing()
_FIND = (Forbidden, WebhookEndpointNotFound)


class EventTypesView(APIView):
    @operation(
        "listWebhookEventTypes",
        "List the events that can be sent",
        description="All of them, in one page.",
        response={
            "type": "object",
            "required": ["data"],
            "properties": {
                "data": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["name", "description", "facts"],
                        "properties": {
                            "name": {"type": "string"},
                            "description": {"type": "string"},
                            "facts": {"type": "array", "items": {"type": "string"}},
                        },
                    },
                }
            },
        },
        response_example={"data": [examples.EVENT_TYPE]},
    )
    def get(self, request: Request) -> Response:
        return Response({"data": WebhookEventTypeSerializer.render_all(event_types.listing())})


class EndpointsView(APIView):
    @operation(
        "listWebhookEndpoints",
        "List the organization's webhook endpoints",
        response=WebhookEndpointSerializer,
        listing=LISTING,
        problems=(Forbidden,),
        response_example=examples.ENDPOINT,
    )
    def get(self, request: Request) -> Response:
        rows = endpoints.endpoints_of(caller(request))
        return Response(
            paginate(request, rows, listing=LISTING, represent=WebhookEndpointSerializer)
        )

    @operation(
        "createWebhookEndpoint",
        "Have events of the organization sent to a server",
        description="Signed by Standard Webhooks 1.0. The secret is in this answer alone.",
        request=NewWebhookEndpointSerializer,
        response=WebhookEndpointWithSecretSerializer,
        status=201,
        problems=(Forbidden, AddressRefused, EventTypeUnknown, TooManyEndpoints),
        request_example=examples.NEW_ENDPOINT,
        response_example=examples.ENDPOINT_WITH_SECRET,
    )
    def post(self, request: Request) -> Response:
        values = NewWebhookEndpointSerializer.parse(request)
        return _shown_once(*endpoints.create(caller(request), **values, now=now()))


class EndpointView(APIView):
    @operation(
        "getWebhookEndpoint",
        "Show a webhook endpoint",
        response=WebhookEndpointSerializer,
        problems=_FIND,
        response_example=examples.ENDPOINT,
    )
    def get(self, request: Request, endpoint_id: UUID) -> Response:
        return _shown(request, endpoints.get(caller(request), endpoint_id=endpoint_id))

    @operation(
        "updateWebhookEndpoint",
        "Change a webhook endpoint",
        description="What waits already is sent to the new address.",
        request=WebhookEndpointChangesSerializer,
        response=WebhookEndpointSerializer,
        problems=(*_FIND, AddressRefused, EventTypeUnknown, PreconditionFailed),
        request_example={"event_types": ["*"]},
        response_example={**examples.ENDPOINT, "event_types": ["*"]},
    )
    def patch(self, request: Request, endpoint_id: UUID) -> Response:
        changed = endpoints.update(
            caller(request),
            endpoint_id=endpoint_id,
            changes=WebhookEndpointChangesSerializer.parse(request, partial=True),
            expected=if_match(request),
            now=now(),
        )
        return _shown(request, changed)

    @operation(
        "deleteWebhookEndpoint",
        "Delete a webhook endpoint, with all that waits for it and its log",
        status=204,
        problems=_FIND,
    )
    def delete(self, request: Request, endpoint_id: UUID) -> Response:
        endpoints.delete(caller(request), endpoint_id=endpoint_id)
        return Response(status=204)


class PauseView(APIView):
    @operation(
        "pauseWebhookEndpoint",
        "Send nothing for now",
        description="What happens meanwhile waits.",
        response=WebhookEndpointSerializer,
        problems=_FIND,
        response_example=examples.PAUSED,
    )
    def post(self, request: Request, endpoint_id: UUID) -> Response:
        paused = endpoints.pause(caller(request), endpoint_id=endpoint_id, now=now())
        return _shown(request, paused)


class ResumeView(APIView):
    @operation(
        "resumeWebhookEndpoint",
        "Send again, what waited first",
        description="Also one that was disabled.",
        response=WebhookEndpointSerializer,
        problems=_FIND,
        response_example=examples.ENDPOINT,
    )
    def post(self, request: Request, endpoint_id: UUID) -> Response:
        resumed = endpoints.resume(caller(request), endpoint_id=endpoint_id, now=now())
        return _shown(request, resumed)


class RotateView(APIView):
    @operation(
        "rotateWebhookSecret",
        "Give a webhook endpoint a new secret, and a new key pair if it has one",
        description="The former ones sign too until the overlap ends. The secret is in this "
        "answer alone.",
        request=WebhookRotationSerializer,
        response=WebhookEndpointWithSecretSerializer,
        status=201,
        problems=_FIND,
        request_example=examples.ROTATION,
        response_example=examples.ENDPOINT_WITH_SECRET,
    )
    def post(self, request: Request, endpoint_id: UUID) -> Response:
        overlap = timedelta(seconds=WebhookRotationSerializer.parse(request)["overlap_seconds"])
        rotated = endpoints.rotate(
            caller(request), endpoint_id=endpoint_id, overlap=overlap, now=now()
        )
        return _shown_once(*rotated)


def _shown(request: Request, endpoint: WebhookEndpoint) -> Response:
    return single(request, WebhookEndpointSerializer.render(endpoint), tag=endpoints.tag(endpoint))


def _shown_once(endpoint: WebhookEndpoint, secret: str) -> Response:
    shown = {**WebhookEndpointSerializer.render(endpoint), "secret": secret}
    return Response(shown, status=201, headers={"Cache-Control": "no-store"})
