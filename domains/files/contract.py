"""What files says: its data, permissions, errors and events, in words that anyone may import."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from kernel.errors import Conflict, Invalid, NotFound, TooLarge, Unavailable
from kernel.events import event
from kernel.permissions import EVERYBODY, Permission, Role
from kernel.privacy.records import Erased

LISTENS_TO: tuple[str, ...] = ("auth.account_erased.v1", "users.organization_erased.v1")

FILE_READ = Permission("files.file:read", "See and download files", roles=EVERYBODY)
FILE_WRITE = Permission(
    "files.file:write", "Upload files", roles=(Role.OWNER, Role.ADMIN, Role.MEMBER)
)
FILE_DELETE = Permission(
    "files.file:delete", "Delete files", roles=(Role.OWNER, Role.ADMIN, Role.MEMBER)
)


class FileState(StrEnum):
    """Where a file is in its life; only a ready one is ever served."""

    PENDING = "pending"
    READY = "ready"
    REJECTED = "rejected"
    EXPIRED = "expired"
    DELETED = "deleted"


@dataclass(frozen=True, kw_only=True)
class File:
    """A file; `size` is in bytes, `sha256` in hex, `content_type` sniffed once it is ready."""

    id: UUID
    organization_id: UUID
    account_id: UUID | None
    name: str
    size: int
    content_type: str
    sha256: str
    state: FileState
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class Upload:
    """How to bring the bytes: one request with exactly this method, URL and these headers."""

    method: str
    url: str
    headers: dict[str, str]
    expires_at: datetime


class FileNotFound(NotFound):
    code = "files.file_not_found"
    title = "There is no such file"


class QuotaExceeded(Conflict):
    """The members `used`, `quota` and `size` are in bytes."""

    code = "files.quota_exceeded"
    title = "The organization's storage is full"


class NotUploaded(Conflict):
    code = "files.not_uploaded"
    title = "The bytes have not arrived yet"


class UploadClosed(Conflict):
    code = "files.upload_closed"
    title = "This upload is no longer open"


class UploadLinkInvalid(NotFound):
    code = "files.upload_link_invalid"
    title = "This upload link is not valid"


class UploadTooLarge(TooLarge):
    code = "files.upload_too_large"
    title = "More bytes were sent than announced"


class UploadIncomplete(Invalid):
    code = "files.upload_incomplete"
    title = "Fewer bytes were sent than announced"


class SizeMismatch(Invalid):
    code = "files.size_mismatch"
    title = "The content has not the announced size"


class ChecksumMismatch(Invalid):
    code = "files.checksum_mismatch"
    title = "The content has not the announced SHA-256"


class ContentTypeMismatch(Invalid):
    code = "files.content_type_mismatch"
    title = "The content is not of the announced type"


class NameInvalid(Invalid):
    code = "files.name_invalid"
    title = "This can't be a file's name"


class NotReady(Conflict):
    code = "files.not_ready"
    title = "The file is not ready"


class BytesUnavailable(Unavailable):
    code = "files.bytes_unavailable"
    title = "The storage doesn't hand out this file just now"


@event("files.file_uploaded.v1", aggregate="file_id")
@dataclass(frozen=True, kw_only=True)
class FileUploaded:
    """A file is ready: its bytes arrived, and are what was announced."""

    file_id: UUID
    organization_id: UUID
    account_id: UUID | None
    name: str
    size: int


@event("files.file_deleted.v1", aggregate="file_id")
@dataclass(frozen=True, kw_only=True)
class FileDeleted:
    """A file was deleted by a person or an API key."""

    file_id: UUID
    organization_id: UUID


@event("files.person_erased.v1", aggregate="account_id")
@dataclass(frozen=True, kw_only=True)
class PersonErased:
    """What files erased of a person, made anonymous, or must keep and why."""

    account_id: UUID
    items: tuple[Erased, ...]
