"""Work of users that no request waits for."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from domains.users.services import closing, ownership, person_export_job, sweeping
from domains.users.services.audit import anchors, export_files, exports, retention
from kernel import clock
from kernel.jobs import job, periodic, ring

# What goes through every trail may take its time.
LONG = 3600


@periodic(every=timedelta(hours=1))
def erase_closed_organizations(now: datetime) -> None:
    """Erase the organizations whose owners let the time to think again pass."""
    closing.erase_due(now=now)


@periodic(every=timedelta(hours=1))
def end_expired_ownership_offers(now: datetime) -> None:
    """Say of the offers of ownership that nobody accepted in time that they ended."""
    ownership.end_expired_offers(now=now)


@job
def write_person_export(export_id: str) -> None:
    """Make the archive that somebody asked for of their own data."""
    person_export_job.write_export(export_id=UUID(export_id), now=clock.now())


@job
def remove_person_archive(export_id: str) -> None:
    """Remove the bytes of an archive that is over."""
    person_export_job.remove_archive(export_id=UUID(export_id), now=clock.now())


@periodic(every=timedelta(minutes=1))
def resume_person_exports(*, now: datetime) -> None:
    """Take up every export that a crash left open, or that is to be tried again."""
    for export_id in person_export_job.due_exports(now=now):
        ring(write_person_export, str(export_id))


@periodic(every=timedelta(minutes=1))
def expire_person_exports(*, now: datetime) -> None:
    """End archives after a week, and remove bytes that a lost job left behind."""
    for export_id in person_export_job.expire_exports(now=now):
        person_export_job.remove_archive(export_id=export_id, now=now)


@periodic(every=timedelta(days=1))
def delete_old_invitations(now: datetime) -> None:
    """Delete the invitations that nobody looks for any more."""
    sweeping.sweep_invitations(now=now)


@periodic(every=timedelta(days=1), timeout=LONG)
def anchor_audit(now: datetime) -> None:
    """Sign where every trail of the audit stands, and write it to where the database isn't."""
    anchors.anchor(now=now)


@periodic(every=timedelta(days=1), timeout=LONG)
def prune_audit(now: datetime) -> None:
    """Clear away the entries of the audit that no plan keeps any longer."""
    retention.prune(now=now)


@job
def write_audit_export(export_id: str) -> None:
    """Write the file of one export."""
    export_files.write_export(export_id=UUID(export_id), now=clock.now())


@periodic(every=timedelta(minutes=1))
def sweep_audit_exports(now: datetime) -> None:
    """Ring again for exports whose job was lost, and remove the files whose time is over."""
    for export_id in export_files.waiting_exports(now=now):
        ring(write_audit_export, str(export_id), timeout=exports.WRITING_SECONDS)
    export_files.expire_exports(now=now)
