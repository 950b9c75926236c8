"""Finding files."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from domains.files import contract
from domains.files.contract import FILE_READ, FileNotFound, FileState
from domains.files.models import File
from kernel.permissions import Permission
from kernel.principal import Principal

SHOWN = (FileState.PENDING, FileState.READY, FileState.REJECTED)


def to_file(row: File) -> contract.File:
    """Return the row as plain data."""
    return contract.File(
        id=row.id,
        organization_id=row.organization_id,
        account_id=row.account_id,
        name=row.name,
        size=row.size,
        content_type=row.content_type,
        sha256=row.sha256,
        state=FileState(row.state),
        created_at=row.created_at,
    )


def find(*, principal: Principal, file_id: UUID, permission: Permission) -> File:
    """Return the row; a foreign file raises the same `FileNotFound` as one that never was.

    Raises `Forbidden` for a member of the file's organization without the permission.
    """
    row = File.objects.filter(
        id=file_id, organization_id__in=principal.organization_ids, state__in=SHOWN
    ).first()
    if row is None:
        raise FileNotFound
    principal.require(permission, organization_id=row.organization_id)
    return row


def get_file(*, principal: Principal, file_id: UUID) -> contract.File:
    """Return one file. Raises `FileNotFound` and `Forbidden`."""
    return to_file(find(principal=principal, file_id=file_id, permission=FILE_READ))


def files_of(*, principal: Principal) -> QuerySet[File]:
    """Return the current organization's files for paging. Raises `Forbidden`."""
    principal.require(FILE_READ)
    return File.objects.filter(organization_id=principal.organization_id, state__in=SHOWN)


def get_files(*, file_ids: list[UUID]) -> list[contract.File]:
    """Return those of the files that exist and are not deleted."""
    rows = File.objects.everywhere().filter(id__in=file_ids, state__in=SHOWN)
    return [to_file(row) for row in rows]
