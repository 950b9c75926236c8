"""HTTP in and out: messages that organizations send."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from domains.notifications.api import examples_messages as examples
from domains.notifications.api.serializers_messages import MessageIn, MessageOut, TracedOut
from domains.notifications.contract.errors import (
    CategoryNotFound,
    CategoryReserved,
    MessageNotFound,
    RecipientNotFound,
    ReferenceTaken,
    TemplateNotFound,
    TooManyRecipients,
)
from domains.notifications.models import Channel, Delivery, DeliveryState, Message, MessageState
from domains.notifications.services.deciding import categories
from domains.notifications.services.messages import reading, sending
from domains.notifications.services.trace import shown
from kernel.clock import now
from kernel.errors import Forbidden
from kernel.rest import Filter, Listing, caller, operation, paginate

LISTING = Listing(
    filters={
        "state": Filter(serializers.ChoiceField(MessageState.choices), "state", "Only such"),
        "reference": Filter(serializers.CharField(), "reference", "Only the one of this name"),
    }
)
TRACE = Listing(
    sort=("id", "-id"),
    filters={
        "state": Filter(serializers.ChoiceField(DeliveryState.choices), "state", "Only such"),
        "channel": Filter(serializers.ChoiceField(Channel.choices), "channel", "Only by this"),
        "account_id": Filter(serializers.UUIDField(), "account_id", "Only to this account"),
    },
)
_SENT = """
Up to 1,000 recipients are named in one call, of the organization's members and teams; "all
members" and a team count as one. Addresses get mail alone, at most 5,000 in a day. Everybody is
told once, however often they are named. With a `reference` of yours the same message is sent once:
again it answers what was sent, and another message under it is refused.
"""


class Messages(APIView):
    """The messages of the current organization."""

    @operation(
        "listMessages",
        "List the messages that the organization sent, newest first",
        response=MessageOut,
        listing=LISTING,
        response_example=examples.MESSAGE,
        problems=(Forbidden,),
    )
    def get(self, request: Request) -> Response:
        who = caller(request)
        rows = reading.list_messages(principal=who)
        return Response(
            paginate(
                request,
                rows,
                listing=LISTING,
                represent=_messages,
            )
        )

    @operation(
        "sendMessage",
        "Send a message to members, teams or addresses",
        description=_SENT,
        request=MessageIn,
        response=MessageOut,
        status=201,
        request_example=examples.SENT,
        response_example=examples.MESSAGE,
        problems=(
            Forbidden,
            CategoryNotFound,
            CategoryReserved,
            RecipientNotFound,
            TooManyRecipients,
            TemplateNotFound,
            ReferenceTaken,
        ),
    )
    def post(self, request: Request) -> Response:
        who = caller(request)
        sent = sending.send_message(
            principal=who, order=_order(MessageIn.parse(request)), now=now()
        )
        return Response(_messages([sent])[0], status=201)


class OneMessage(APIView):
    """One message."""

    @operation(
        "getMessage",
        "Show a message",
        response=MessageOut,
        response_example=examples.MESSAGE,
        problems=(Forbidden, MessageNotFound),
    )
    def get(self, request: Request, message_id: UUID) -> Response:
        found = reading.get_message(principal=caller(request), message_id=message_id)
        return Response(_messages([found])[0])


class Trace(APIView):
    """What became of one message."""

    @operation(
        "traceMessage",
        "Show each delivery of a message, and why it went as it did",
        description="Every step leaves what it decided, and the rule that made it decide so.",
        response=TracedOut,
        listing=TRACE,
        response_example=examples.TRACED,
        problems=(Forbidden, MessageNotFound),
    )
    def get(self, request: Request, message_id: UUID) -> Response:
        who = caller(request)
        rows = reading.trace_message(principal=who, message_id=message_id)
        represent = partial(_traced, organization_id=who.organization_id)
        return Response(paginate(request, rows, listing=TRACE, represent=represent))


def _order(asked: dict[str, Any]) -> sending.Order:
    recipients: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in asked.pop("recipients").items()
    }
    said = {
        name: asked.pop(name) for name in ("template", "values", "subject", "text") if name in asked
    }
    return sending.Order(
        recipients=sending.Recipients(**recipients),
        saying=sending.Saying(**said),
        channels=tuple(asked.pop("channels")),
        **asked,
    )


def _messages(page: list[Message]) -> list[dict[str, Any]]:
    return MessageOut.render_all(categories.by_their_keys(page))


def _traced(page: list[Delivery], organization_id: UUID) -> list[dict[str, Any]]:
    keys = categories.keys_of((organization_id, each.category) for each in page)
    for each in page:
        each.steps = [_step(said, keys) for said in each.trace]  # type: ignore[attr-defined]
    return TracedOut.render_all(page)


def _step(said: dict[str, Any], keys: dict[str, str]) -> dict[str, Any]:
    step = shown(said)
    category = step["details"].get("category")
    if category in keys:
        step["details"]["category"] = keys[category]
    return step
