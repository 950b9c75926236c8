"""Throw-away views: what the gateway does is the same for every domain's."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

from django.db import OperationalError, connections
from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from kernel import context
from kernel.clock import now
from kernel.db import run_after_commit, transaction
from kernel.errors import Conflict, Invalid, TooMany, Unavailable, by_code
from kernel.models import FailedEvent
from kernel.rest import (
    Body,
    Filter,
    Limit,
    Listing,
    MoneyField,
    Public,
    Retirement,
    Serializer,
    TimestampField,
    entity_tag,
    if_match,
    paginate,
    require_idempotency_key,
    single,
)

MARKER = "secret-of-the-server"


class Inner(Serializer):
    name = serializers.CharField(max_length=5)


class Everything(Serializer):
    """One field of each JSON type."""

    text = serializers.CharField(max_length=10, required=False)
    number = serializers.IntegerField(required=False, min_value=0)
    real = serializers.FloatField(required=False)
    flag = serializers.BooleanField(required=False)
    uuid = serializers.UUIDField(required=False)
    at = TimestampField(required=False)
    price = MoneyField(required=False)
    choice = serializers.ChoiceField(choices=["a", "b"], required=False)
    tags = serializers.ListField(child=serializers.CharField(), required=False)
    inner = Inner(required=False)
    inners = Inner(many=True, required=False)
    id = serializers.UUIDField(read_only=True)


class Leaving(APIView):
    permission_classes = [Public]
    retirement = Retirement(
        deprecated=datetime(2026, 1, 1, tzinfo=UTC),
        sunset=datetime(2026, 6, 30, 23, 59, 59, tzinfo=UTC),
    )

    def get(self, request):
        return Response({})


class PublicEcho(APIView):
    permission_classes = [Public]
    domain = "billing"

    def get(self, request):
        return Response({"user": request.user is not None})

    def post(self, request):
        return Response(Everything.parse(request), status=201)


class RawEcho(APIView):
    permission_classes = [Public]

    def post(self, request):
        return Response({"document": request.data})


class Limited(APIView):
    permission_classes = [Public]
    domain = "billing"
    limits = (
        Limit(name="guess", quota=3, window=60),
        Limit(name="guess-email", quota=2, window=60, field="email"),
    )

    def post(self, request):
        return Response({}, status=200)


class Sensitive(APIView):
    domain = "billing"
    step_up = frozenset({"POST"})

    def get(self, request):
        return Response({})

    def post(self, request):
        return Response({})


class Me(APIView):
    domain = "billing"

    def get(self, request):
        user, current = request.user, context.current()
        return Response(
            {
                "kind": user.kind,
                "account_id": user.account_id,
                "organization_id": user.organization_id,
                "organizations": sorted(map(str, user.organization_ids)),
                "permissions": sorted(user.memberships[user.organization_id]),
                "actor_id": current.actor_id,
                "traceparent": current.traceparent,
                "request_id": current.request_id,
            }
        )

    def post(self, request):
        return Response({"id": str(request.user.account_id)}, status=201)


class Upload(APIView):
    permission_classes = [Public]
    domain = "files"
    body = Body(max_bytes=5_000_000, content_types=frozenset({"*/*"}))

    def put(self, request):
        size = 0
        while chunk := request._request.read(65536):
            size += len(chunk)
        return Response({"size": size})


class Whole(APIView):
    """Writes one row; the body is text."""

    permission_classes = [Public]
    domain = "billing"
    body = Body(max_bytes=100, content_types=frozenset({"text/csv"}), whole=True)

    def post(self, request):
        with transaction("billing"):
            make_row()
        return Response({"text": request._request.body.decode()})


class Write(APIView):
    """Writes one row, then does what the body says; `effects` counts the rows."""

    permission_classes = [Public]
    domain = "billing"

    def post(self, request):
        then = request.data.get("then", "answer")
        with transaction("billing"):
            make_row()
            if then == "raise inside":
                raise Conflict("no")
        if then == "raise after":
            raise Conflict("but it stands")
        if then == "break after":
            raise ZeroDivisionError(MARKER)
        if then == "wait":
            Path(request.data["started"]).touch()
            while not Path(request.data["go"]).exists():
                time.sleep(0.01)
        return Response({"token": MARKER}, status=201, headers={"Location": "/made"})


class Told(APIView):
    """Says after the commit that it was committed."""

    permission_classes = [Public]
    domain = "billing"

    def post(self, request):
        with transaction("billing"):
            make_row()
            run_after_commit("billing", lambda: Path(request.data["path"]).touch())
        before = Path(request.data["path"]).exists()
        return Response({"before": before})


class NoEffect(APIView):
    permission_classes = [Public]
    domain = "billing"

    def post(self, request):
        if request.data.get("refuse"):
            raise Invalid("no", pointer="/refuse")
        return Response({"at": now().isoformat()}, status=202)


class Money(APIView):
    permission_classes = [Public]
    domain = "billing"

    def post(self, request):
        return Response({"key": require_idempotency_key(request)})


class Raise(APIView):
    permission_classes = [Public]

    def get(self, request, code):
        kind = by_code[code]
        error = kind.__new__(kind)
        Exception.__init__(error, "x")
        error.detail, error.pointer, error.details = "what happened", None, {}
        error.errors = ()
        if issubclass(kind, TooMany | Unavailable):
            error.retry_after = 7
        raise error


class Break(APIView):
    permission_classes = [Public]

    def get(self, request, how):
        if how == "operational":
            raise OperationalError("connection to server at 10.0.0.7 failed: " + MARKER)
        if how == "sql":
            with connections["billing"].cursor() as cursor:
                cursor.execute(f"SELECT * FROM {MARKER.replace('-', '_')}")
        raise RuntimeError(MARKER)


class RowOut(Serializer):
    id = serializers.UUIDField()
    attempts = serializers.IntegerField()
    failed_at = TimestampField()


ROWS = Listing(
    sort=("-failed_at", "failed_at", "attempts", "-attempts", "id"),
    filters={"handler": Filter(serializers.CharField(max_length=20), "handler")},
)


class Rows(APIView):
    permission_classes = [Public]

    def get(self, request):
        rows = FailedEvent.objects.using("billing").all()
        return Response(paginate(request, rows, listing=ROWS, represent=RowOut))


class Row(APIView):
    permission_classes = [Public]
    domain = "billing"

    def get(self, request, row_id):
        row = FailedEvent.objects.using("billing").get(id=row_id)
        return single(request, RowOut.render(row), tag=entity_tag(row.id, row.attempts))

    def patch(self, request, row_id):
        expected = if_match(request)
        with transaction("billing"):
            rows = FailedEvent.objects.using("billing").select_for_update()
            row = rows.get(id=row_id)
            expected.check(entity_tag(row.id, row.attempts))
            row.attempts += 1
            row.save(using="billing")
        return single(request, RowOut.render(row), tag=entity_tag(row.id, row.attempts))


def page(request, token):
    return HttpResponse("a page")


def make_row(**values):
    from kernel.ids import uuid7

    row = {"event_id": uuid7(), "handler": "x", "envelope": {}, "failed_at": now()}
    return FailedEvent.objects.using("billing").create(**row | {"next_attempt_at": now()} | values)
