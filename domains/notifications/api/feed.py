from __future__ import annotations

from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from domains.notifications.api import examples
from domains.notifications.api.serializers import (
    MarkedSerializer,
    NotificationSerializer,
    UnreadSerializer,
)
from domains.notifications.contract.errors import NotificationNotFound, PersonRequired
from domains.notifications.services.feed import reading
from kernel.clock import now
from kernel.rest import (
    Filter,
    Listing,
    caller,
    operation,
    paginate,
)

LISTING = Listing(
    filters={
        "unread": Filter(
            serializers.BooleanField(), "read_at__isnull", "Only those not read, or only those read"
        )
    }
)


class NotificationsView(APIView):
    @operation(
        "listNotifications",
        "List my notifications, newest first",
        description="The feed belongs to the person: it spans all organizations.",
        response=NotificationSerializer,
        listing=LISTING,
        problems=(PersonRequired,),
        response_example=examples.NOTIFICATION,
    )
    def get(self, request: Request) -> Response:
        rows = reading.get_feed(principal=caller(request))
        return Response(paginate(request, rows, listing=LISTING, represent=NotificationSerializer))


class UnreadCountView(APIView):
    @operation(
        "countUnreadNotifications",
        "Count my unread notifications",
        response=UnreadSerializer,
        problems=(PersonRequired,),
        response_example=examples.UNREAD,
    )
    def get(self, request: Request) -> Response:
        return Response({"unread": reading.count_unread(principal=caller(request))})


class ReadView(APIView):
    @operation(
        "readNotification",
        "Mark a notification as read",
        description="Again changes nothing: the first time is kept.",
        response=NotificationSerializer,
        problems=(PersonRequired, NotificationNotFound),
        response_example=examples.READ_NOTIFICATION,
    )
    def post(self, request: Request, notification_id: UUID) -> Response:
        notification = reading.mark_read(
            principal=caller(request), notification_id=notification_id, now=now()
        )
        return Response(NotificationSerializer.render(notification))


class ReadAllView(APIView):
    @operation(
        "readAllNotifications",
        "Mark all my notifications as read",
        response=MarkedSerializer,
        problems=(PersonRequired,),
        response_example=examples.MARKED,
    )
    def post(self, request: Request) -> Response:
        return Response({"marked": reading.mark_all_read(principal=caller(request), now=now())})
