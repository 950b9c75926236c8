from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from domains.notifications.api import examples
from domains.notifications.api.serializers import (
    CountsSerializer,
    MarkedSerializer,
    NotificationSerializer,
    UnreadSerializer,
    UpToSerializer,
)
from domains.notifications.contract.errors import NotificationNotFound, PersonRequired
from domains.notifications.models import Notification
from domains.notifications.services.deciding import categories
from domains.notifications.services.feed import changing, reading
from kernel.clock import now
from kernel.rest import (
    Filter,
    Listing,
    TimestampField,
    caller,
    operation,
    paginate,
    parameter,
)

LISTING = Listing(
    sort=("-sequence", "-id"),
    filters={
        "unread": Filter(
            serializers.BooleanField(), "read_at__isnull", "Only those not read, or only those read"
        ),
        "archived": Filter(
            serializers.BooleanField(), None, "Those put away instead of those in the feed"
        ),
        "category": Filter(
            serializers.CharField(max_length=64),
            None,
            "Of one category, by its key: the product's, or the present organization's own",
        ),
        "organization": Filter(
            serializers.UUIDField(), "organization_id", "About one organization"
        ),
        "kind": Filter(serializers.CharField(max_length=80), "kind", "Of one kind"),
        "since": Filter(TimestampField(), "created_at__gte", "Of this time and newer"),
    },
)
PROBLEMS = (PersonRequired, NotificationNotFound)


class NotificationsView(APIView):
    @operation(
        "listNotifications",
        "List my notifications, newest first",
        description="The feed belongs to the person: it spans all organizations. "
        "What was archived is left out unless it is asked for.",
        response=NotificationSerializer,
        listing=LISTING,
        problems=(PersonRequired,),
        response_example=examples.NOTIFICATION,
    )
    def get(self, request: Request) -> Response:
        rows = reading.list_feed(
            principal=caller(request),
            archived=bool(parameter(request, "archived", listing=LISTING)),
            category=parameter(request, "category", listing=LISTING),
        )
        return Response(paginate(request, rows, listing=LISTING, represent=_items))


class CountsView(APIView):
    @operation(
        "getNotificationCounts",
        "Count what waits in my feed",
        response=CountsSerializer,
        problems=(PersonRequired,),
        response_example=examples.COUNTS,
    )
    def get(self, request: Request) -> Response:
        counts = reading.get_counts(principal=caller(request))
        return Response(CountsSerializer.render(counts))


class UnreadCountView(APIView):
    @operation(
        "countUnreadNotifications",
        "Count my unread notifications",
        response=UnreadSerializer,
        problems=(PersonRequired,),
        response_example=examples.UNREAD,
    )
    def get(self, request: Request) -> Response:
        return Response({"unread": reading.get_counts(principal=caller(request)).unread})


class SeenView(APIView):
    @operation(
        "seeNotifications",
        "Say that I have opened my feed",
        description="What came until then is not unseen any more; it stays unread.",
        request=UpToSerializer,
        response=CountsSerializer,
        problems=(PersonRequired,),
        request_example=examples.UP_TO,
        response_example=examples.SEEN,
    )
    def post(self, request: Request) -> Response:
        up_to = UpToSerializer.parse(request).get("up_to")
        counts = changing.mark_seen(principal=caller(request), up_to=up_to, now=now())
        return Response(CountsSerializer.render(counts))


class ReadAllView(APIView):
    @operation(
        "readAllNotifications",
        "Mark all my notifications as read",
        description="With `up_to`, what came while the feed was shown stays unread.",
        request=UpToSerializer,
        response=MarkedSerializer,
        problems=(PersonRequired,),
        request_example=examples.UP_TO,
        response_example=examples.MARKED,
    )
    def post(self, request: Request) -> Response:
        up_to = UpToSerializer.parse(request).get("up_to")
        marked = changing.mark_all_read(principal=caller(request), up_to=up_to, now=now())
        return Response({"marked": marked})


class NotificationView(APIView):
    @operation(
        "deleteNotification",
        "Delete a notification for good",
        status=204,
        problems=PROBLEMS,
    )
    def delete(self, request: Request, notification_id: UUID) -> Response:
        changing.delete(principal=caller(request), notification_id=notification_id)
        return Response(status=204)


class ReadView(APIView):
    @operation(
        "readNotification",
        "Mark a notification as read",
        description="Again changes nothing: the first time is kept.",
        response=NotificationSerializer,
        problems=PROBLEMS,
        response_example=examples.READ_NOTIFICATION,
    )
    def post(self, request: Request, notification_id: UUID) -> Response:
        notification = changing.mark_read(
            principal=caller(request), notification_id=notification_id, now=now()
        )
        return Response(_items([notification])[0])

    @operation(
        "unreadNotification",
        "Mark a notification as not read",
        response=NotificationSerializer,
        problems=PROBLEMS,
        response_example=examples.NOTIFICATION,
    )
    def delete(self, request: Request, notification_id: UUID) -> Response:
        notification = changing.mark_unread(
            principal=caller(request), notification_id=notification_id
        )
        return Response(_items([notification])[0])


class ArchiveView(APIView):
    @operation(
        "archiveNotification",
        "Put a notification away",
        description="It isn't listed and counted any more. Again changes nothing.",
        response=NotificationSerializer,
        problems=PROBLEMS,
        response_example=examples.ARCHIVED_NOTIFICATION,
    )
    def post(self, request: Request, notification_id: UUID) -> Response:
        notification = changing.archive(
            principal=caller(request), notification_id=notification_id, now=now()
        )
        return Response(_items([notification])[0])

    @operation(
        "unarchiveNotification",
        "Take a notification back into the feed",
        response=NotificationSerializer,
        problems=PROBLEMS,
        response_example=examples.NOTIFICATION,
    )
    def delete(self, request: Request, notification_id: UUID) -> Response:
        notification = changing.unarchive(
            principal=caller(request), notification_id=notification_id
        )
        return Response(_items([notification])[0])


def _items(page: list[Notification]) -> list[dict[str, Any]]:
    return NotificationSerializer.render_all(categories.by_their_keys(page))
