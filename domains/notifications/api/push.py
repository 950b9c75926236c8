"""The browsers that messages are pushed to, over HTTP."""

from __future__ import annotations

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from domains.notifications.api import examples_channels as examples
from domains.notifications.api.serializers_channels import (
    NewPushSubscriptionSerializer,
    PushKeySerializer,
    PushSubscriptionSerializer,
)
from domains.notifications.contract.channel_errors import (
    NotByStaff,
    PushEndpointRefused,
    PushKeyInvalid,
    PushSubscriptionLimitReached,
    PushSubscriptionNotFound,
)
from domains.notifications.contract.errors import PersonRequired
from domains.notifications.services.channels import subscriptions
from kernel.clock import now
from kernel.rest import Limit, Listing, caller, operation, paginate

LISTING = Listing()


class PushKeyView(APIView):
    @operation(
        "getPushKey",
        "The key that a browser subscribes to pushes with",
        description="It changes from time to time; subscriptions made with a former one stay.",
        response=PushKeySerializer,
        problems=(PersonRequired,),
        response_example=examples.PUSH_KEY,
    )
    def get(self, request: Request) -> Response:
        key = subscriptions.get_public_key(principal=caller(request), now=now())
        return Response({"public_key": key})


class PushSubscriptionsView(APIView):
    limits = (Limit(name="push-subscribe", quota=60, window=3600),)

    @operation(
        "listPushSubscriptions",
        "List the browsers that I get pushes in",
        response=PushSubscriptionSerializer,
        listing=LISTING,
        problems=(PersonRequired,),
        response_example=examples.PUSH_SUBSCRIPTION,
    )
    def get(self, request: Request) -> Response:
        rows = subscriptions.list_subscriptions(principal=caller(request))
        return Response(
            paginate(request, rows, listing=LISTING, represent=PushSubscriptionSerializer)
        )

    @operation(
        "createPushSubscription",
        "Have pushes come to a browser",
        description="A browser that subscribes again, for the same person or another one, "
        "takes the place of what it had before.",
        request=NewPushSubscriptionSerializer,
        response=PushSubscriptionSerializer,
        status=201,
        problems=(
            PersonRequired,
            NotByStaff,
            PushEndpointRefused,
            PushKeyInvalid,
            PushSubscriptionLimitReached,
        ),
        request_example=examples.NEW_PUSH_SUBSCRIPTION,
        response_example=examples.PUSH_SUBSCRIPTION,
    )
    def post(self, request: Request) -> Response:
        values = NewPushSubscriptionSerializer.parse(request)
        keys = values.pop("keys")
        made = subscriptions.subscribe(principal=caller(request), now=now(), **keys, **values)
        return Response(PushSubscriptionSerializer.render(made), status=201)


class PushSubscriptionView(APIView):
    @operation(
        "deletePushSubscription",
        "Have pushes come to a browser no more",
        status=204,
        problems=(PersonRequired, PushSubscriptionNotFound),
    )
    def delete(self, request: Request, subscription_id: UUID) -> Response:
        subscriptions.unsubscribe(principal=caller(request), subscription_id=subscription_id)
        return Response(status=204)
