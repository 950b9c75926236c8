"""Handing out a ready file's bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO
from uuid import UUID

from django.utils.http import content_disposition_header

from domains.files import contract
from domains.files.contract import FILE_READ, BytesUnavailable, FileState, NotReady
from domains.files.services.catalogue import find, to_file
from domains.files.services.content import RASTER_IMAGES
from domains.files.services.storage import Missing, storage
from kernel.principal import Principal


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """A file's bytes: where to fetch them (`url`), or the bytes themselves (`stream`).

    `disposition` is a Content-Disposition (RFC 6266): inline for raster images alone.
    """

    file: contract.File
    disposition: str
    url: str | None
    stream: IO[bytes] | None


def deliver(*, principal: Principal, file_id: UUID) -> Delivery:
    """Return the file's bytes. Raises `FileNotFound`, `Forbidden`, `NotReady`."""
    row = find(principal=principal, file_id=file_id, permission=FILE_READ)
    if row.state != FileState.READY:
        raise NotReady
    inline = row.content_type in RASTER_IMAGES
    disposition = content_disposition_header(not inline, row.name) or "inline"
    url = storage().download_url(
        storage_key=row.storage_key, disposition=disposition, content_type=row.content_type
    )
    stream = None if url else _open(row.storage_key)
    return Delivery(file=to_file(row), disposition=disposition, url=url, stream=stream)


def _open(storage_key: str) -> IO[bytes]:
    try:
        return storage().open(storage_key=storage_key)
    except Missing as error:
        raise BytesUnavailable from error
