"""A folder on this machine; clients bring the bytes to a signed URL of this API."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import IO
from uuid import uuid4

from django.conf import settings
from django.core.files.storage import storages

from domains.files.contract import (
    Upload,
    UploadIncomplete,
    UploadLinkInvalid,
    UploadTooLarge,
)
from domains.files.services.storage.port import Announced, Missing
from kernel import crypto

PURPOSE = "files.upload"
CHUNK = 64 * 1024


class LocalStorage:
    """Keeps incoming and sealed bytes in two folders; a rename seals."""

    def open_upload(self, *, announced: Announced, expires_at: datetime, now: datetime) -> Upload:
        """Return a signed URL of this API, good until `expires_at`."""
        expires = int(expires_at.timestamp())
        signature = crypto.sign(PURPOSE, _signed(announced.file_id, expires))
        path = f"/api/v1/files/{announced.file_id}/upload?expires={expires}&signature={signature}"
        return Upload(
            method="PUT",
            url=settings.PUBLIC_URL + path,
            headers={"Content-Type": announced.content_type},
            expires_at=expires_at,
        )

    def seal(self, *, storage_key: str) -> None:
        """Rename what arrived."""
        sealed = _path("sealed", storage_key)
        sealed.parent.mkdir(parents=True, exist_ok=True)
        try:
            _path("incoming", storage_key).rename(sealed)
        except FileNotFoundError as error:
            if not sealed.exists():
                raise Missing from error

    def open(self, *, storage_key: str) -> IO[bytes]:
        """Return the sealed file."""
        try:
            return _path("sealed", storage_key).open("rb")
        except FileNotFoundError as error:
            raise Missing from error

    def delete(self, *, storage_key: str) -> None:
        """Unlink both."""
        for folder in ("incoming", "sealed"):
            _path(folder, storage_key).unlink(missing_ok=True)

    def download_url(self, *, storage_key: str, disposition: str, content_type: str) -> None:
        """Return None: the bytes pass through this process."""


def check_link(*, file_id: str, expires: str, signature: str, now: datetime) -> None:
    """Raise `UploadLinkInvalid` unless this API signed the link and it has not expired."""
    known = expires.isascii() and expires.isdigit() and len(expires) <= 12  # noqa: PLR2004
    if not known or not crypto.verify(PURPOSE, _signed(file_id, int(expires)), signature):
        raise UploadLinkInvalid
    if now >= datetime.fromtimestamp(int(expires), tz=now.tzinfo):
        raise UploadLinkInvalid("The link has expired.")


def receive(*, storage_key: str, size: int, chunks: Iterator[bytes]) -> None:
    """Write exactly `size` bytes under the incoming key, visible only when all are there.

    Raises `UploadTooLarge` or `UploadIncomplete`, and keeps nothing then.
    """
    target = _path("incoming", storage_key)
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f"{target.name}.{uuid4().hex}.partial")
    try:
        _write(partial, size, chunks)
        partial.rename(target)
    finally:
        with suppress(FileNotFoundError):
            partial.unlink()


def _write(path: Path, size: int, chunks: Iterator[bytes]) -> None:
    written = 0
    with path.open("xb") as file:
        for chunk in chunks:
            written += len(chunk)
            if written > size:
                raise UploadTooLarge
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    if written < size:
        raise UploadIncomplete(f"{written} of {size} bytes arrived.")


def _signed(file_id: str, expires: int) -> bytes:
    return f"{file_id}:{expires}".encode()


def _path(folder: str, storage_key: str) -> Path:
    name: str = storages["files"].path(f"{folder}/{storage_key[:2]}/{storage_key}")
    return Path(name)
