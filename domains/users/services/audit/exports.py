"""Copies of the audit log as files: asked for, written by a job, fetched by a signed link."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import IO
from uuid import UUID

from django.db.models import QuerySet

from domains.users.contract.errors import (
    AuditExportNotFound,
    ExportLinkInvalid,
    ExportNotReady,
)
from domains.users.contract.events import AuditLogExported
from domains.users.contract.permissions import AUDIT_EXPORT
from domains.users.models import AuditExport
from domains.users.services import export_links
from domains.users.services.audit.anchors import storage
from domains.users.services.policy import require_open_to_link
from kernel.db import transaction
from kernel.events import publish
from kernel.jobs import ring
from kernel.principal import Principal

WRITING_SECONDS = 3600
State = AuditExport.State


def request_export(
    *, principal: Principal, kind: str, filters: Mapping[str, str], now: datetime
) -> AuditExport:
    """Have a copy of the current organization's log written; raise `Forbidden`."""
    principal.require(AUDIT_EXPORT)
    with transaction("users"):
        made = AuditExport.objects.create(
            organization_id=principal.organization_id,
            account_id=principal.account_id,
            format=kind,
            filters=dict(filters),
            created_at=now,
        )
        _tell(made, downloaded=False)
        ring("users.write_audit_export", str(made.id), timeout=WRITING_SECONDS)
    return made


def list_exports(*, principal: Principal) -> QuerySet[AuditExport]:
    """Return the exports of the current organization; raise `Forbidden`."""
    principal.require(AUDIT_EXPORT)
    return AuditExport.objects.within(principal.organization_id)


def get_export(*, principal: Principal, export_id: UUID) -> AuditExport:
    """Return one of them; raise `AuditExportNotFound` or `Forbidden`."""
    found = list_exports(principal=principal).filter(id=export_id).first()
    if found is None:
        raise AuditExportNotFound
    return found


def link_to(export: AuditExport, *, now: datetime) -> str | None:
    """Return a link that fetches the file for some minutes; None if it isn't ready."""
    if export.state != State.READY or export.expires_at is None:
        return None
    until = min(now + export_links.LIFETIME, export.expires_at)
    return export_links.link_to(path_of(export.id), expires_at=until)


def path_of(export_id: UUID) -> str:
    """Return where the export's bytes are fetched."""
    return f"users/audit-log/exports/{export_id}/content"


def open_export(
    *, export_id: UUID, expires: str, signature: str, now: datetime
) -> tuple[AuditExport, IO[bytes]]:
    """Return the export of a link and its file; that it was fetched becomes an entry.

    Raise `ExportLinkInvalid` for a link that was not made here or is too old, `NetworkNotAllowed`
    where the organization lets nobody in from, and `ExportNotReady` if the file is gone.
    """
    path = path_of(export_id)
    export_links.check_link(path, expires=expires, signature=signature, now=now)
    found = AuditExport.objects.everywhere().filter(id=export_id).first()
    if found is None:
        raise ExportLinkInvalid
    require_open_to_link(found.organization_id)
    if found.state != State.READY:
        raise ExportNotReady
    try:
        file: IO[bytes] = storage().open(found.storage_key)
    except OSError as error:
        raise ExportNotReady from error
    with transaction("users"):
        _tell(found, downloaded=True)
    return found, file


def _tell(export: AuditExport, *, downloaded: bool) -> None:
    publish(
        AuditLogExported(
            organization_id=export.organization_id, export_id=export.id, downloaded=downloaded
        )
    )
