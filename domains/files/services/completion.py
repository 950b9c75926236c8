"""Completing an upload: nothing is ready before its bytes were read back and agreed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from domains.files import contract
from domains.files.contract import (
    FILE_WRITE,
    ChecksumMismatch,
    ContentTypeMismatch,
    FileState,
    FileUploaded,
    NotUploaded,
    SizeMismatch,
    UploadClosed,
)
from domains.files.models import File
from domains.files.services import quota
from domains.files.services.catalogue import find, to_file
from domains.files.services.content import Content, agrees, inspect
from domains.files.services.storage import Missing, storage
from kernel.db import transaction
from kernel.errors import Invalid
from kernel.events import publish
from kernel.jobs import ring
from kernel.principal import Principal


def complete_upload(*, principal: Principal, file_id: UUID, now: datetime) -> contract.File:
    """Check the bytes that arrived and make the file ready; safe to repeat.

    Raises `FileNotFound`, `Forbidden`, `NotUploaded`, `UploadClosed`, and, with the file rejected
    and its quota given back, `SizeMismatch`, `ChecksumMismatch` or `ContentTypeMismatch`.
    """
    row = find(principal=principal, file_id=file_id, permission=FILE_WRITE)
    if row.state != FileState.PENDING:
        return _settled(row)
    content = _read_back(row)
    problem = _difference(row, content)
    with transaction("files"):
        row = File.objects.within(row.organization_id).select_for_update().get(id=file_id)
        if row.state != FileState.PENDING:
            return _settled(row)
        if problem is None:
            _accept(row, content, now=now)
        else:
            _reject(row, problem)
    if problem is not None:
        raise problem
    return to_file(row)


def _settled(row: File) -> contract.File:
    if row.state != FileState.READY:
        raise UploadClosed(row.reason)
    return to_file(row)


def _read_back(row: File) -> Content:
    try:
        storage().seal(storage_key=row.storage_key)
        with storage().open(storage_key=row.storage_key) as stream:
            return inspect(stream, limit=row.size)
    except Missing as error:
        raise NotUploaded("Send the bytes to the upload's URL first.") from error


def _difference(row: File, content: Content) -> Invalid | None:
    if content.size != row.size:
        return SizeMismatch(f"{row.size} bytes were announced.", pointer="/size")
    if content.sha256 != row.sha256:
        return ChecksumMismatch(f"The content's SHA-256 is {content.sha256}.", pointer="/sha256")
    if not agrees(announced=row.content_type, sniffed=content.content_type):
        return ContentTypeMismatch(f"It is {content.content_type}.", pointer="/content_type")
    return None


def _accept(row: File, content: Content, *, now: datetime) -> None:
    quota.settle(organization_id=row.organization_id, size=row.size)
    row.state = FileState.READY
    row.content_type = content.content_type
    row.ready_at = now
    row.save(update_fields=["state", "content_type", "ready_at"])
    publish(
        FileUploaded(
            file_id=row.id,
            organization_id=row.organization_id,
            account_id=row.account_id,
            name=row.name,
            size=row.size,
        )
    )


def _reject(row: File, problem: Invalid) -> None:
    quota.release_reserved(organization_id=row.organization_id, size=row.size)
    row.state = FileState.REJECTED
    row.reason = f"{problem.title}. {problem.detail}"
    row.save(update_fields=["state", "reason"])
    ring("files.purge_file", str(row.organization_id), str(row.id))
