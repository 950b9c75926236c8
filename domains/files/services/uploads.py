"""Opening an upload, and taking its bytes where the storage is local."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from domains.billing import interface as billing
from domains.files import contract
from domains.files.contract import (
    FILE_WRITE,
    FileState,
    Upload,
    UploadIncomplete,
    UploadLinkInvalid,
    UploadTooLarge,
)
from domains.files.models import File
from domains.files.services import quota
from domains.files.services.catalogue import to_file
from domains.files.services.names import clean_name
from domains.files.services.storage import Announced, storage
from domains.files.services.storage.local import check_link, receive
from kernel.crypto import new_secret
from kernel.db import transaction
from kernel.principal import Principal

UPLOAD_LIFETIME = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class OpenedUpload:
    """A pending file and how to bring its bytes."""

    file: contract.File
    upload: Upload


def open_upload(
    *,
    principal: Principal,
    name: str,
    size: int,
    content_type: str,
    sha256: str,
    now: datetime,
) -> OpenedUpload:
    """Reserve `size` bytes of the current organization's quota and say how to bring them.

    Raises `Forbidden`, `NameInvalid` and `QuotaExceeded`.
    """
    principal.require(FILE_WRITE)
    organization_id = principal.organization_id
    entitlements = billing.get_entitlements(organization_ids=[organization_id])[0]
    row = File(
        organization_id=organization_id,
        account_id=principal.account_id,
        name=clean_name(name=name),
        size=size,
        content_type=content_type.lower(),
        sha256=sha256.lower(),
        storage_key=new_secret(),
        created_at=now,
        upload_expires_at=now + UPLOAD_LIFETIME,
    )
    with transaction("files"):
        quota.reserve(organization_id=organization_id, size=size, quota=entitlements.storage_bytes)
        row.save(force_insert=True)
    return OpenedUpload(file=to_file(row), upload=_instructions(row, now=now))


def _instructions(row: File, *, now: datetime) -> Upload:
    announced = Announced(
        file_id=str(row.id),
        storage_key=row.storage_key,
        size=row.size,
        content_type=row.content_type,
    )
    return storage().open_upload(announced=announced, expires_at=row.upload_expires_at, now=now)


def receive_upload(
    *,
    file_id: UUID,
    expires: str,
    signature: str,
    length: int | None,
    chunks: Iterator[bytes],
    now: datetime,
) -> None:
    """Take the bytes that a signed link brings to local storage.

    `length` is what the client says it sends, in bytes. Raises `UploadLinkInvalid`,
    `UploadTooLarge` and `UploadIncomplete`; nothing is kept then.
    """
    check_link(file_id=str(file_id), expires=expires, signature=signature, now=now)
    row = File.objects.everywhere().filter(id=file_id, state=FileState.PENDING).first()
    if row is None:
        raise UploadLinkInvalid("This upload is no longer open.")
    if length is not None and length > row.size:
        raise UploadTooLarge(f"{row.size} bytes were announced.")
    if length is not None and length < row.size:
        raise UploadIncomplete(f"{row.size} bytes were announced, {length} are being sent.")
    receive(storage_key=row.storage_key, size=row.size, chunks=chunks)
