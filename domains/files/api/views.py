"""HTTP in and out: files and their uploads."""

from __future__ import annotations

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from domains.files import contract
from domains.files.api import examples
from domains.files.api.serializers import FileIn, FileOut, OpenedUploadOut
from domains.files.services import catalogue, completion, removal, uploads
from kernel import clock
from kernel.errors import Forbidden
from kernel.rest import Listing, caller, operation, paginate, single

NEWEST = Listing(sort=("-id", "id"))


class Files(APIView):
    """The current organization's files."""

    @operation(
        "listFiles",
        "List the organization's files",
        response=FileOut,
        listing=NEWEST,
        response_example=examples.FILE,
        problems=(Forbidden,),
    )
    def get(self, request: Request) -> Response:
        rows = catalogue.files_of(principal=caller(request))
        return Response(paginate(request, rows, listing=NEWEST, represent=FileOut))

    @operation(
        "openUpload",
        "Announce a file and learn how to upload it",
        description="Send the bytes with exactly the `upload` that is answered, then complete it.",
        request=FileIn,
        response=OpenedUploadOut,
        status=201,
        request_example=examples.FILE_IN,
        response_example=examples.OPENED,
        problems=(Forbidden, contract.NameInvalid, contract.QuotaExceeded),
    )
    def post(self, request: Request) -> Response:
        values = FileIn.parse(request)
        opened = uploads.open_upload(principal=caller(request), now=clock.now(), **values)
        data = FileOut.render(opened.file) | {"upload": _upload(opened)}
        return single(request, data, status=201)


class File(APIView):
    """One file."""

    @operation(
        "getFile",
        "Show a file's facts",
        response=FileOut,
        response_example=examples.FILE,
        problems=(contract.FileNotFound, Forbidden),
    )
    def get(self, request: Request, file_id: UUID) -> Response:
        found = catalogue.get_file(principal=caller(request), file_id=file_id)
        return single(request, FileOut.render(found))

    @operation(
        "deleteFile",
        "Delete a file",
        status=204,
        problems=(contract.FileNotFound, Forbidden),
    )
    def delete(self, request: Request, file_id: UUID) -> Response:
        removal.delete_file(principal=caller(request), file_id=file_id, now=clock.now())
        return Response(status=204)


class Completion(APIView):
    """The end of an upload."""

    @operation(
        "completeUpload",
        "Check the uploaded bytes and make the file ready",
        response=FileOut,
        response_example=examples.FILE,
        problems=(
            contract.FileNotFound,
            Forbidden,
            contract.NotUploaded,
            contract.UploadClosed,
            contract.SizeMismatch,
            contract.ChecksumMismatch,
            contract.ContentTypeMismatch,
        ),
    )
    def post(self, request: Request, file_id: UUID) -> Response:
        completed = completion.complete_upload(
            principal=caller(request), file_id=file_id, now=clock.now()
        )
        return single(request, FileOut.render(completed))


def _upload(opened: uploads.OpenedUpload) -> dict[str, object]:
    shown: dict[str, object] = OpenedUploadOut().fields["upload"].to_representation(opened.upload)
    return shown
