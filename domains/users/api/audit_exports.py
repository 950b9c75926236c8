"""HTTP in and out: exports of the audit log, and their files."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import FileResponse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from domains.users.api import audit_examples
from domains.users.api.audit import ACTION
from domains.users.contract.errors import (
    AuditExportNotFound,
    ExportLinkInvalid,
    ExportNotReady,
    NetworkNotAllowed,
)
from domains.users.models import AuditExport
from domains.users.services.audit import exports
from kernel import clock
from kernel.errors import Forbidden
from kernel.rest import (
    Listing,
    Public,
    Serializer,
    TimestampField,
    caller,
    operation,
    paginate,
    timestamp,
)

NEWEST_FIRST = Listing(sort=("-id",))
TYPES = {"csv": "text/csv; charset=utf-8", "jsonl": "application/x-ndjson"}
BYTES = {"type": "string", "format": "binary"}


class FiltersIn(Serializer):
    """The filters of the log."""

    actor = serializers.UUIDField(required=False)
    on_behalf_of = serializers.UUIDField(required=False)
    action = serializers.RegexField(ACTION, required=False)
    target = serializers.CharField(max_length=64, required=False)
    until = TimestampField(required=False)

    def get_fields(self) -> dict[str, Any]:
        """Add what Python has no name for."""
        return {**super().get_fields(), "from": TimestampField(required=False)}


class ExportIn(Serializer):
    """What to export, and how."""

    format = serializers.ChoiceField(["csv", "jsonl"])
    filters = FiltersIn(required=False)


class ExportOut(Serializer):
    """A copy of the log; ready within moments unless it is large."""

    id = serializers.UUIDField()
    format = serializers.ChoiceField(["csv", "jsonl"])
    filters = serializers.DictField()
    state = serializers.ChoiceField(AuditExport.State.values)
    entries = serializers.IntegerField(allow_null=True)
    size = serializers.IntegerField(allow_null=True, help_text="Bytes.")
    sha256 = serializers.CharField(help_text="In hex; empty until it is ready.")
    created_at = TimestampField()
    ready_at = TimestampField(allow_null=True)
    expires_at = TimestampField(allow_null=True, help_text="When the file is removed.")
    download_url = serializers.SerializerMethodField(
        help_text="Fetches the file for 15 minutes, for whoever has it; null until it is ready."
    )

    def get_download_url(self, export: AuditExport) -> str | None:
        """Return a fresh link."""
        return exports.link_to(export, now=clock.now())


class Exports(APIView):
    """The exports of the current organization's log."""

    @operation(
        "listAuditExports",
        "List the exports of the current organization's audit log",
        response=ExportOut,
        listing=NEWEST_FIRST,
        response_example=audit_examples.EXPORT,
        problems=(Forbidden,),
    )
    def get(self, request: Request) -> Response:
        rows = exports.list_exports(principal=caller(request))
        return Response(paginate(request, rows, listing=NEWEST_FIRST, represent=ExportOut))

    @operation(
        "exportAuditLog",
        "Have a copy of the current organization's audit log written",
        request=ExportIn,
        response=ExportOut,
        status=202,
        request_example={"format": "csv", "filters": {"action": "users.*"}},
        response_example=audit_examples.EXPORT_REQUESTED,
        problems=(Forbidden,),
    )
    def post(self, request: Request) -> Response:
        wanted = ExportIn.parse(request)
        made = exports.request_export(
            principal=caller(request),
            kind=wanted["format"],
            filters={name: _text(value) for name, value in wanted.get("filters", {}).items()},
            now=clock.now(),
        )
        return Response(ExportOut.render(made), status=202)


class Export(APIView):
    """One export."""

    @operation(
        "getAuditExport",
        "Show an export of the audit log, with a link to its file",
        response=ExportOut,
        response_example=audit_examples.EXPORT,
        problems=(AuditExportNotFound, Forbidden),
    )
    def get(self, request: Request, export_id: UUID) -> Response:
        found = exports.get_export(principal=caller(request), export_id=export_id)
        # Without an entity tag: each time the link is another.
        return Response(ExportOut.render(found))


class Content(APIView):
    """An export's file."""

    permission_classes = [Public]

    @operation(
        "downloadAuditExport",
        "Fetch an export's file by the signed link that it showed",
        response=BYTES,
        query={"expires": "From the link", "signature": "From the link"},
        problems=(ExportLinkInvalid, ExportNotReady, NetworkNotAllowed),
    )
    def get(self, request: Request, export_id: UUID) -> FileResponse:
        export, file = exports.open_export(
            export_id=export_id,
            expires=request.query_params.get("expires", ""),
            signature=request.query_params.get("signature", ""),
            now=clock.now(),
        )
        name = f"audit-log-{export.created_at:%Y-%m-%d}.{export.format}"
        response = FileResponse(
            file, as_attachment=True, filename=name, content_type=TYPES[export.format]
        )
        response.headers["Content-Length"] = str(export.size)
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response


def _text(value: Any) -> str:
    return timestamp(value) if hasattr(value, "isoformat") else str(value)
