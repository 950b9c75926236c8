"""HTTP in and out: the bytes themselves."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from django.http import (
    FileResponse,
    HttpResponseBase,
    HttpResponseNotModified,
    HttpResponseRedirect,
)
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from domains.files import contract
from domains.files.api.serializers import LARGEST
from domains.files.services import delivery, uploads
from kernel import clock
from kernel.errors import Forbidden
from kernel.rest import Body, Public, caller, operation

CHUNK = 64 * 1024
BYTES = {"type": "string", "format": "binary"}


class UploadBytes(APIView):
    """Where clients bring the bytes when the storage is a local folder."""

    permission_classes = [Public]
    body = Body(max_bytes=LARGEST, content_types=frozenset({"*/*"}))

    @operation(
        "uploadBytes",
        "Bring a file's bytes to the signed URL that its upload named",
        status=204,
        problems=(contract.UploadLinkInvalid, contract.UploadTooLarge, contract.UploadIncomplete),
    )
    def put(self, request: Request, file_id: UUID) -> Response:
        length = request.META.get("CONTENT_LENGTH") or ""
        uploads.receive_upload(
            file_id=file_id,
            expires=request.query_params.get("expires", ""),
            signature=request.query_params.get("signature", ""),
            length=int(length) if length.isdigit() else None,
            chunks=_chunks(request),
            now=clock.now(),
        )
        return Response(status=204)


class Content(APIView):
    """A ready file's bytes."""

    @operation(
        "downloadFile",
        "Download a file",
        description="The bytes, or a redirect (302) to where they are, good for one minute.",
        response=BYTES,
        problems=(
            contract.FileNotFound,
            Forbidden,
            contract.NotReady,
            contract.BytesUnavailable,
        ),
    )
    def get(self, request: Request, file_id: UUID) -> HttpResponseBase:
        delivered = delivery.deliver(principal=caller(request), file_id=file_id)
        tag = f'"{delivered.file.sha256}"'
        if delivered.url:
            return HttpResponseRedirect(delivered.url)
        if delivered.stream is None or request.headers.get("If-None-Match") == tag:
            return HttpResponseNotModified(headers={"ETag": tag})
        response = FileResponse(delivered.stream, content_type=delivered.file.content_type)
        # FileResponse has named the file after its storage key by now.
        response.headers["Content-Disposition"] = delivered.disposition
        response.headers["Content-Length"] = str(delivered.file.size)
        response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["ETag"] = tag
        return response


def _chunks(request: Request) -> Iterator[bytes]:
    stream = request._request
    while chunk := stream.read(CHUNK):
        yield chunk
