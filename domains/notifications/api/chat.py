"""Where an organization's chat takes messages, over HTTP."""

from __future__ import annotations

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from domains.notifications.api import examples_channels as examples
from domains.notifications.api.serializers_channels import (
    ChatChangesSerializer,
    ChatEndpointSerializer,
    NewChatEndpointSerializer,
)
from domains.notifications.contract.channel_errors import (
    ChatEndpointLimitReached,
    ChatEndpointNameTaken,
    ChatEndpointNotFound,
    ChatUrlRefused,
)
from domains.notifications.contract.errors import CategoryNotFound
from domains.notifications.services.channels import chat_endpoints
from kernel.clock import now
from kernel.errors import Forbidden
from kernel.rest import Listing, caller, operation, paginate, single

LISTING = Listing()


class ChatEndpointsView(APIView):
    @operation(
        "listChatEndpoints",
        "List where the organization's chat takes messages",
        response=ChatEndpointSerializer,
        listing=LISTING,
        problems=(Forbidden,),
        response_example=examples.CHAT_ENDPOINT,
    )
    def get(self, request: Request) -> Response:
        rows = chat_endpoints.list_endpoints(principal=caller(request))
        return Response(paginate(request, rows, listing=LISTING, represent=ChatEndpointSerializer))

    @operation(
        "createChatEndpoint",
        "Have messages come to a chat",
        description="By an incoming webhook, as Slack, Mattermost and others have them.",
        request=NewChatEndpointSerializer,
        response=ChatEndpointSerializer,
        status=201,
        problems=(
            Forbidden,
            ChatUrlRefused,
            CategoryNotFound,
            ChatEndpointNameTaken,
            ChatEndpointLimitReached,
        ),
        request_example=examples.NEW_CHAT_ENDPOINT,
        response_example=examples.CHAT_ENDPOINT,
    )
    def post(self, request: Request) -> Response:
        values = NewChatEndpointSerializer.parse(request)
        made = chat_endpoints.create_endpoint(principal=caller(request), **values, now=now())
        return Response(ChatEndpointSerializer.render(made), status=201)


class ChatEndpointView(APIView):
    @operation(
        "updateChatEndpoint",
        "Change a chat endpoint, disable it, or enable it again",
        request=ChatChangesSerializer,
        response=ChatEndpointSerializer,
        problems=(
            Forbidden,
            ChatEndpointNotFound,
            ChatUrlRefused,
            CategoryNotFound,
            ChatEndpointNameTaken,
        ),
        request_example=examples.CHAT_CHANGES,
        response_example=examples.CHAT_ENDPOINT,
    )
    def patch(self, request: Request, endpoint_id: UUID) -> Response:
        values = ChatChangesSerializer.parse(request, partial=True)
        changed = chat_endpoints.update_endpoint(
            principal=caller(request), endpoint_id=endpoint_id, now=now(), **values
        )
        return single(request, ChatEndpointSerializer.render(changed))

    @operation(
        "deleteChatEndpoint",
        "Have messages come to a chat no more",
        status=204,
        problems=(Forbidden, ChatEndpointNotFound),
    )
    def delete(self, request: Request, endpoint_id: UUID) -> Response:
        chat_endpoints.delete_endpoint(principal=caller(request), endpoint_id=endpoint_id)
        return Response(status=204)
