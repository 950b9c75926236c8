from __future__ import annotations

from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from domains.notifications.api import examples_webhooks as examples
from domains.notifications.api.serializers_webhooks import (
    WebhookReplaySerializer,
    WebhookSerializer,
    WebhooksReplayedSerializer,
    WebhookWithLogSerializer,
)
from domains.notifications.contract.webhooks import (
    EndpointNotActive,
    WebhookEndpointNotFound,
    WebhookNotFound,
    WebhookUnderWay,
)
from domains.notifications.models import WebhookState
from domains.notifications.services.webhooks import deliveries
from kernel.clock import now
from kernel.errors import Forbidden
from kernel.rest import Filter, Listing, caller, operation, paginate, single

LISTING = Listing(
    filters={
        "state": Filter(
            serializers.ChoiceField(WebhookState.values), "state", "Only those in this state"
        ),
        "event_type": Filter(
            serializers.CharField(max_length=100), "event_type", "Only those of this event"
        ),
    }
)
_FIND_ENDPOINT = (Forbidden, WebhookEndpointNotFound)
_FIND = (Forbidden, WebhookNotFound)


class DeliveriesView(APIView):
    @operation(
        "listWebhooks",
        "List what was sent to a webhook endpoint, newest first",
        response=WebhookSerializer,
        listing=LISTING,
        problems=_FIND_ENDPOINT,
        response_example=examples.WEBHOOK,
    )
    def get(self, request: Request, endpoint_id: UUID) -> Response:
        rows = deliveries.deliveries_of(caller(request), endpoint_id=endpoint_id)
        return Response(paginate(request, rows, listing=LISTING, represent=WebhookSerializer))


class PingView(APIView):
    @operation(
        "pingWebhookEndpoint",
        "Have an event sent that tells nothing",
        response=WebhookSerializer,
        status=201,
        problems=(*_FIND_ENDPOINT, EndpointNotActive),
        response_example=examples.WEBHOOK,
    )
    def post(self, request: Request, endpoint_id: UUID) -> Response:
        sent = deliveries.ping(caller(request), endpoint_id=endpoint_id, now=now())
        return Response(WebhookSerializer.render(sent), status=201)


class ReplayManyView(APIView):
    @operation(
        "replayWebhooks",
        "Have webhooks of an endpoint sent once more",
        description="Those that failed for good, or all of a time. Each keeps its webhook-id.",
        request=WebhookReplaySerializer,
        response=WebhooksReplayedSerializer,
        problems=_FIND_ENDPOINT,
        request_example=examples.REPLAY,
        response_example=examples.REPLAYED,
    )
    def post(self, request: Request, endpoint_id: UUID) -> Response:
        wanted = WebhookReplaySerializer.parse(request)
        replayed = deliveries.replay_many(
            caller(request), endpoint_id=endpoint_id, **wanted, now=now()
        )
        return Response({"replayed": replayed})


class DeliveryView(APIView):
    @operation(
        "getWebhook",
        "Show a webhook and its attempts",
        response=WebhookWithLogSerializer,
        problems=_FIND,
        response_example=examples.WEBHOOK_WITH_LOG,
    )
    def get(self, request: Request, webhook_id: UUID) -> Response:
        found = deliveries.get(caller(request), delivery_id=webhook_id)
        return single(request, WebhookWithLogSerializer.render(found))


class ReplayView(APIView):
    @operation(
        "replayWebhook",
        "Have a webhook sent once more",
        description="As the same webhook-id.",
        response=WebhookSerializer,
        problems=(*_FIND, WebhookUnderWay),
        response_example=examples.WEBHOOK,
    )
    def post(self, request: Request, webhook_id: UUID) -> Response:
        again = deliveries.replay(caller(request), delivery_id=webhook_id, now=now())
        return Response(WebhookSerializer.render(again))
