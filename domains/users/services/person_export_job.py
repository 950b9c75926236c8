"""Making an archive: claimed for two minutes, collected, stored, and only then ready.

A worker that is killed leaves an open row and perhaps bytes; the next claim removes those first.
A domain or a storage that is away makes it later: there is no archive with a part missing.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from tempfile import TemporaryFile
from typing import IO
from uuid import UUID

from django.core.files import File
from django.core.files.storage import storages
from django.db.models import F

from domains.users.contract.events import PersonExportReady
from domains.users.models import PersonExport
from domains.users.services.person_archive import write_archive
from domains.users.services.person_exports import STORAGE
from kernel.db import transaction
from kernel.events import publish
from kernel.privacy import collect

log = logging.getLogger(__name__)

# Longer than a worker lets a job run.
LEASE = timedelta(minutes=2)
LATER = timedelta(minutes=1)
LATEST = timedelta(hours=1)
MOST_ATTEMPTS = 12
KEPT = timedelta(days=7)
AT_ONCE = 100
CHUNK = 1024 * 1024
State = PersonExport.State


@dataclass(frozen=True, kw_only=True)
class Claim:
    """An export that is this worker's for a while, and what an earlier one may have left."""

    export_id: UUID
    account_id: UUID
    storage_key: str
    left_behind: str
    attempt: int


def write_export(*, export_id: UUID, now: datetime) -> None:
    """Make the archive if it is due; repeatable, and at the same time as another."""
    claim = _claim(export_id, now)
    if claim is None:
        return
    try:
        if claim.left_behind:
            storages[STORAGE].delete(claim.left_behind)
        size, digest = _store(claim, now)
    except Exception as error:  # whatever is away comes back, and a mistake ends in `failed`
        log.exception("An export could not be written", extra={"export_id": str(export_id)})
        _try_later(claim, now, reason=type(error).__name__)
        return
    if not _finish(claim, now, size=size, sha256=digest):
        # Erased meanwhile, or another's by now.
        storages[STORAGE].delete(claim.storage_key)


def _claim(export_id: UUID, now: datetime) -> Claim | None:
    with transaction("users"):
        open_one = PersonExport.objects.filter(id=export_id, state=State.PENDING, due_at__lte=now)
        row = open_one.select_for_update(skip_locked=True).first()
        if row is None:
            return None
        if row.attempts >= MOST_ATTEMPTS:
            _fail(row, reason=row.reason or "The worker was lost")
            return None
        left_behind, row.storage_key = row.storage_key, _new_key(row)
        row.attempts += 1
        row.due_at = now + LEASE
        row.save(update_fields=["storage_key", "attempts", "due_at"])
    return Claim(
        export_id=row.id,
        account_id=row.account_id,
        storage_key=row.storage_key,
        left_behind=left_behind,
        attempt=row.attempts,
    )


def _new_key(row: PersonExport) -> str:
    return f"people/{row.id}/{secrets.token_hex(16)}.zip"


def _store(claim: Claim, now: datetime) -> tuple[int, str]:
    with TemporaryFile() as file:
        parts = collect(account_id=claim.account_id)
        write_archive(file, parts, account_id=claim.account_id, now=now)
        size = file.tell()
        file.seek(0)
        digest = _digest_of(file)
        file.seek(0)
        storages[STORAGE].save(claim.storage_key, File(file))
    return size, digest


def _digest_of(file: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while chunk := file.read(CHUNK):
        digest.update(chunk)
    return digest.hexdigest()


def _finish(claim: Claim, now: datetime, *, size: int, sha256: str) -> bool:
    with transaction("users"):
        mine = PersonExport.objects.filter(
            id=claim.export_id, state=State.PENDING, storage_key=claim.storage_key
        )
        row = mine.select_for_update().first()
        if row is None:
            return False
        row.state, row.size, row.sha256, row.reason = State.READY, size, sha256, ""
        row.ready_at, row.expires_at, row.due_at = now, now + KEPT, now
        row.save()
        publish(
            PersonExportReady(
                account_id=row.account_id, export_id=row.id, expires_at=row.expires_at
            )
        )
    return True


def _try_later(claim: Claim, now: datetime, *, reason: str) -> None:
    with transaction("users"):
        mine = PersonExport.objects.filter(
            id=claim.export_id, state=State.PENDING, storage_key=claim.storage_key
        )
        row = mine.select_for_update().first()
        if row is None:
            return
        row.reason = reason
        if row.attempts >= MOST_ATTEMPTS:
            _fail(row, reason=reason)
            return
        row.due_at = now + min(LATER * 2 ** (claim.attempt - 1), LATEST)
        row.save(update_fields=["reason", "due_at"])


def _fail(row: PersonExport, *, reason: str) -> None:
    row.state, row.reason = State.FAILED, reason
    row.save(update_fields=["state", "reason"])


def due_exports(*, now: datetime) -> list[UUID]:
    """Return exports that no job came for, that are to be tried again, or lost their worker."""
    due = PersonExport.objects.filter(state=State.PENDING, due_at__lte=now)
    return list(due.order_by("due_at").values_list("id", flat=True)[:AT_ONCE])


def expire_exports(*, now: datetime) -> list[UUID]:
    """End the archives that are old enough; return those whose bytes are to be removed."""
    old = PersonExport.objects.filter(state=State.READY, expires_at__lte=now)
    old.update(state=State.EXPIRED)
    over = PersonExport.objects.filter(state__in=(State.EXPIRED, State.FAILED))
    return list(over.exclude(storage_key="").values_list("id", flat=True)[:AT_ONCE])


def remove_archive(*, export_id: UUID, now: datetime) -> None:
    """Remove the bytes of an archive that is over, and the row of an erased person's; repeatable.

    While a worker may still be writing, the row stays, so that what it writes is found.
    """
    over = PersonExport.objects.filter(id=export_id, state__in=(State.EXPIRED, State.FAILED))
    row = over.exclude(storage_key="").first()
    if row is None:
        return
    storages[STORAGE].delete(row.storage_key)
    if row.due_at <= now:
        over.filter(account_id=F("id")).delete()
        over.update(storage_key="")
