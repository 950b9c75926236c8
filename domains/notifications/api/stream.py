from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import partial
from socket import socket
from typing import Any
from uuid import UUID

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from domains.auth import interface as auth
from domains.notifications.api import examples
from domains.notifications.api.serializers import NotificationSerializer, StreamTicketSerializer
from domains.notifications.contract.errors import (
    LastEventIdMalformed,
    PersonRequired,
    StreamTicketInvalid,
)
from domains.notifications.models import Feed
from domains.notifications.services.deciding import categories
from domains.notifications.services.feed import doorbell, live, tickets
from kernel.clock import now
from kernel.rest import caller, operation
from kernel.streams import wire
from kernel.streams.handover import Handover, StreamsUnsupported, require_socket
from kernel.streams.hub import Hub, News, StreamsFull, TooManyStreams

RETRY_MILLISECONDS = 3_000
CONTENT_TYPE = "text/event-stream"
EVENTS = {"type": "string", "format": "event-stream"}
_EVENT_ID = re.compile(r"[0-9]{1,18}\Z", re.ASCII)
DESCRIPTION = """
Server-Sent Events. A `notification` has the notification's sequence as its id, and in its data the
notification and the counts; `counts` comes first, and whenever nothing but they has changed.

With `Last-Event-ID`, or `last_event_id` for a first connection (the highest sequence of the list),
everything after that comes first: nothing is missed and nothing told twice. The stream ends with
the session, after an hour, or when the server stops; connect again then.

A browser's EventSource can't send the access token: it shows a ticket of `POST
notifications/stream-ticket`, a new one for each connection.
"""


class FeedSource:
    """What the streams of this process tell of: everybody's feeds."""

    channel = doorbell.CHANNEL

    def heard(self, data: bytes) -> set[UUID]:
        """Return the accounts that a ring names."""
        return doorbell.heard(data)

    def news(self, positions: Iterable[live.Position]) -> Mapping[live.Position, News]:
        """Return what there is after each position, as events."""
        found = live.read_ahead(positions=positions)
        categories.by_their_keys([item for ahead in found.values() for item in ahead.items])
        return {position: _news(ahead) for position, ahead in found.items()}

    def ended(self, session_ids: Iterable[UUID]) -> set[UUID]:
        """Return those of the sessions that are not active any more."""
        return live.ended(session_ids=session_ids)


hub = Hub(FeedSource())


def _news(ahead: live.Ahead) -> News:
    counts = _counts(ahead.feed)
    events = [
        wire.event(
            "notification",
            {"notification": NotificationSerializer.render(item), **counts},
            id=item.sequence,
        )
        for item in ahead.items
    ]
    return News(
        data=b"".join(events),
        position=ahead.position,
        more=ahead.more,
        counts=counts,
        counts_event=wire.event("counts", counts),
    )


def _counts(feed: Feed) -> dict[str, Any]:
    return {"unread": feed.unread, "unseen": feed.unseen, "last_sequence": feed.last_sequence}


class StreamView(APIView):
    by_ticket = True

    @operation(
        "streamNotifications",
        "Follow my feed live",
        description=DESCRIPTION,
        response=EVENTS,
        problems=(
            PersonRequired,
            auth.SessionRequired,
            StreamTicketInvalid,
            LastEventIdMalformed,
            TooManyStreams,
            StreamsFull,
            StreamsUnsupported,
        ),
        response_example=examples.EVENTS,
        headers={"Last-Event-ID": "The id of the last event that the client was told"},
        query={
            "ticket": "Instead of the Authorization header",
            "last_event_id": "Instead of the Last-Event-ID header, for a first connection",
        },
    )
    def get(self, request: Request) -> HttpResponseBase:
        after = _last_event_id(request)
        beginning = live.begin(principal=caller(request), after=after)
        connection = require_socket(request.META)
        if request.method == "HEAD":
            return HttpResponse(content_type=CONTENT_TYPE)
        hub.reserve(beginning.feed.account_id)
        # The header has nginx pass on what comes as it comes.
        return StreamingHttpResponse(
            _body(connection, beginning, chunked=request.META["SERVER_PROTOCOL"] != "HTTP/1.0"),
            content_type=CONTENT_TYPE,
            headers={"X-Accel-Buffering": "no"},
        )


def _body(connection: socket, beginning: live.Beginning, *, chunked: bool) -> Handover:
    account_id, counts = beginning.feed.account_id, _counts(beginning.feed)
    first = wire.event("counts", counts, id=beginning.position)
    return Handover(
        connection,
        opening=wire.retry(milliseconds=RETRY_MILLISECONDS) + first,
        take=partial(
            hub.take,
            account_id=account_id,
            session_id=beginning.session_id,
            position=beginning.position,
            counts=counts,
            chunked=chunked,
        ),
        leave=partial(hub.free, account_id),
    )


class StreamTicketView(APIView):
    @operation(
        "createStreamTicket",
        "Get a ticket that opens a stream",
        description="It is good for one connection within a minute, and for nothing else.",
        response=StreamTicketSerializer,
        status=201,
        problems=(PersonRequired, auth.SessionRequired),
        response_example=examples.TICKET,
    )
    def post(self, request: Request) -> Response:
        ticket = tickets.issue(principal=caller(request), now=now())
        seconds = int(tickets.LIFETIME.total_seconds())
        return Response({"ticket": ticket, "expires_in": seconds}, status=201)


def _last_event_id(request: Request) -> int | None:
    """Return what the client was told last: EventSource's own header is newer than its URL."""
    given = request.META.get("HTTP_LAST_EVENT_ID") or request.query_params.get("last_event_id")
    if not given:
        return None
    if not _EVENT_ID.match(given):
        raise LastEventIdMalformed("Send the id of the last event as you got it.")
    return int(given)
