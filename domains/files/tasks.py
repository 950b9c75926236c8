"""Work of files that no request waits for."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from domains.files.services import removal
from kernel import clock
from kernel.jobs import job, periodic


@job
def purge_file(organization_id: str, file_id: str) -> None:
    """Remove the bytes of one file that is gone."""
    removal.purge(organization_id=UUID(organization_id), file_id=UUID(file_id), now=clock.now())


@periodic(every=timedelta(minutes=1))
def expire_uploads(now: datetime) -> None:
    """Close every upload whose time is over."""
    for organization_id, file_id in removal.overdue_uploads(now=now):
        removal.expire_upload(organization_id=organization_id, file_id=file_id, now=now)


@periodic(every=timedelta(minutes=1))
def purge_files(now: datetime) -> None:
    """Remove bytes that a lost job left behind."""
    for organization_id, file_id in removal.to_purge():
        removal.purge(organization_id=organization_id, file_id=file_id, now=now)
