"""Removing files: first the row says so, then the bytes go, however often that has to be tried."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from domains.files.contract import FILE_DELETE, FileDeleted, FileNotFound, FileState
from domains.files.models import File
from domains.files.services import quota
from domains.files.services.catalogue import SHOWN, find
from domains.files.services.storage import storage
from kernel.db import transaction
from kernel.events import publish
from kernel.jobs import ring
from kernel.principal import Principal

GONE = (FileState.REJECTED, FileState.EXPIRED, FileState.DELETED)
AT_ONCE = 500


def delete_file(*, principal: Principal, file_id: UUID, now: datetime) -> None:
    """Delete the file and give its bytes back to the quota. Raises `FileNotFound`, `Forbidden`."""
    found = find(principal=principal, file_id=file_id, permission=FILE_DELETE)
    files = File.objects.within(found.organization_id)
    with transaction("files"):
        row = files.select_for_update().get(id=file_id)
        if row.state not in SHOWN:
            raise FileNotFound
        _give_back(row)
        row.state = FileState.DELETED
        row.deleted_at = now
        row.purged_at = None
        row.save(update_fields=["state", "deleted_at", "purged_at"])
        publish(FileDeleted(file_id=row.id, organization_id=row.organization_id))
        ring("files.purge_file", str(row.organization_id), str(row.id))


def _give_back(row: File) -> None:
    if row.state == FileState.READY:
        quota.release_used(organization_id=row.organization_id, size=row.size)
    elif row.state == FileState.PENDING:
        quota.release_reserved(organization_id=row.organization_id, size=row.size)


def expire_upload(*, organization_id: UUID, file_id: UUID, now: datetime) -> None:
    """Close an upload whose time is over and give its promise back; nothing if it isn't open."""
    files = File.objects.within(organization_id)
    with transaction("files"):
        row = files.select_for_update().filter(id=file_id).first()
        if row is None or row.state != FileState.PENDING or row.upload_expires_at > now:
            return
        _give_back(row)
        row.state = FileState.EXPIRED
        row.save(update_fields=["state"])


def purge(*, organization_id: UUID, file_id: UUID, now: datetime) -> None:
    """Remove the bytes of a file that is gone; repeatable."""
    files = File.objects.within(organization_id).filter(id=file_id)
    row = files.filter(state__in=GONE).first()
    if row is None:
        return
    storage().delete(storage_key=row.storage_key)
    files.update(purged_at=now)


def overdue_uploads(*, now: datetime) -> list[tuple[UUID, UUID]]:
    """Return uploads (whose, and which) that are open though their time is over."""
    rows = File.objects.everywhere().filter(state=FileState.PENDING, upload_expires_at__lte=now)
    return list(rows.values_list("organization_id", "id")[:AT_ONCE])


def to_purge() -> list[tuple[UUID, UUID]]:
    """Return files (whose, and which) that are gone and whose bytes may not be."""
    rows = File.objects.everywhere().filter(state__in=GONE, purged_at__isnull=True)
    return list(rows.values_list("organization_id", "id")[:AT_ONCE])
