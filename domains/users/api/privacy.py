"""HTTP in and out: a person's own data, taken along or erased."""

from __future__ import annotations

from uuid import UUID

from django.http import FileResponse
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from domains.auth import interface as auth
from domains.users.api import examples_privacy as examples
from domains.users.api.serializers_privacy import (
    ErasureIn,
    ErasureOut,
    ErasureReceiptOut,
    PersonExportOut,
    ReceiptTokenIn,
)
from domains.users.contract.errors import (
    ErasureReceiptNotFound,
    ExportInProgress,
    ExportLimitReached,
    ExportLinkInvalid,
    PersonExportNotFound,
)
from domains.users.services import person_exports, receipts
from kernel.clock import now
from kernel.rest import Limit, Public, caller, operation, single

ARCHIVE = {"type": "string", "format": "binary"}


class MyExport(APIView):
    """The archive of all that is kept about the caller."""

    step_up = frozenset({"POST"})

    @operation(
        "requestPersonExport",
        "Have an archive made of all that is kept about you",
        description="It is collected from every part of the product; you are told when it is "
        "ready. One at a time, and three a day.",
        response=PersonExportOut,
        status=202,
        response_example=examples.EXPORT_PENDING,
        problems=(auth.SessionRequired, ExportInProgress, ExportLimitReached),
    )
    def post(self, request: Request) -> Response:
        asked = person_exports.request_export(principal=caller(request), now=now())
        return Response(PersonExportOut.render(asked), status=202)

    @operation(
        "getPersonExport",
        "Show your newest archive, and a fresh link to it",
        response=PersonExportOut,
        response_example=examples.EXPORT,
        problems=(auth.SessionRequired, auth.ImpersonationForbids, PersonExportNotFound),
    )
    def get(self, request: Request) -> Response:
        found = person_exports.get_latest_export(principal=caller(request), now=now())
        return single(request, PersonExportOut.render(found))


class ExportContent(APIView):
    """The archive's bytes."""

    permission_classes = [Public]

    @operation(
        "downloadPersonExport",
        "Download an archive by the signed link that its export named",
        response=ARCHIVE,
        problems=(ExportLinkInvalid,),
        query={"expires": "From the link.", "signature": "From the link."},
    )
    def get(self, request: Request, export_id: UUID) -> FileResponse:
        archive = person_exports.open_archive(
            export_id=export_id,
            expires=request.query_params.get("expires", ""),
            signature=request.query_params.get("signature", ""),
            now=now(),
        )
        response = FileResponse(
            archive, as_attachment=True, filename="your-data.zip", content_type="application/zip"
        )
        response.headers["Cache-Control"] = "no-store"
        response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        return response


class EraseMe(APIView):
    """The end of the caller's account and of all that is known of them."""

    step_up = frozenset({"POST"})

    @operation(
        "eraseMe",
        "Have your account closed and all that is known of you erased",
        description="All sessions end at once. Unless it is to happen immediately, a mail takes "
        "it back within seven days.",
        request=ErasureIn,
        response=ErasureOut,
        status=202,
        request_example={"immediately": False},
        response_example=examples.ERASURE,
        problems=(auth.SessionRequired, auth.StaffStays),
    )
    def post(self, request: Request) -> Response:
        requested = receipts.request_erasure(
            principal=caller(request), now=now(), **ErasureIn.parse(request)
        )
        return Response(ErasureOut.render(requested), status=202)


class ErasureReceipts(APIView):
    """What became of somebody's data, for who has the token."""

    permission_classes = [Public]
    limits = (Limit(name="erasure-receipts", quota=30, window=60),)

    @operation(
        "showErasureReceipt",
        "Show what was erased, made anonymous or kept, and why",
        request=ReceiptTokenIn,
        response=ErasureReceiptOut,
        request_example={"token": examples.ERASURE["receipt_token"]},
        response_example=examples.RECEIPT,
        problems=(ErasureReceiptNotFound,),
    )
    def post(self, request: Request) -> Response:
        found = receipts.get_receipt(**ReceiptTokenIn.parse(request))
        return Response(ErasureReceiptOut.render(found))
