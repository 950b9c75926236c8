"""The public interface of files: all that other domains and the gateway may use."""

from __future__ import annotations

from uuid import UUID

from domains.files.contract import (
    FILE_DELETE,
    FILE_READ,
    FILE_WRITE,
    LISTENS_TO,
    BytesUnavailable,
    ChecksumMismatch,
    ContentTypeMismatch,
    File,
    FileDeleted,
    FileNotFound,
    FileState,
    FileUploaded,
    NameInvalid,
    NotReady,
    NotUploaded,
    PersonErased,
    QuotaExceeded,
    SizeMismatch,
    Upload,
    UploadClosed,
    UploadIncomplete,
    UploadLinkInvalid,
    UploadTooLarge,
)
from kernel.boundary import exposed
from kernel.privacy.records import PersonalPage

__all__ = [
    "FILE_DELETE",
    "FILE_READ",
    "FILE_WRITE",
    "LISTENS_TO",
    "BytesUnavailable",
    "ChecksumMismatch",
    "ContentTypeMismatch",
    "File",
    "FileDeleted",
    "FileNotFound",
    "FileState",
    "FileUploaded",
    "NameInvalid",
    "NotReady",
    "NotUploaded",
    "PersonErased",
    "QuotaExceeded",
    "SizeMismatch",
    "Upload",
    "UploadClosed",
    "UploadIncomplete",
    "UploadLinkInvalid",
    "UploadTooLarge",
    "export_person",
    "get_files",
]


@exposed(idempotent=True)
def get_files(*, file_ids: list[UUID]) -> list[File]:
    """Return those of the files that exist and are not deleted, in no particular order."""
    from domains.files.services import catalogue

    return catalogue.get_files(file_ids=file_ids)


@exposed(idempotent=True)
def export_person(*, account_id: UUID, cursor: str | None) -> PersonalPage:
    """Return what files keeps of the person, from the cursor (None: the beginning) on."""
    from domains.files.services import privacy

    return privacy.export_person(account_id=account_id, cursor=cursor)
