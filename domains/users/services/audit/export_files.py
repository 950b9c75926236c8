"""Writing the files of exports, and clearing them away; whatever is killed is taken up again."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import IO, Any
from uuid import UUID

from django.core.files import File
from django.db import connections
from django.db.models import QuerySet

from domains.users.models import AuditEntry, AuditExport
from domains.users.services.audit.anchors import storage
from domains.users.services.audit.documents import document_of
from domains.users.services.audit.log import LOOKUPS, entries_of
from kernel.db import transaction

AT_ONCE = 1000
LIFETIME = timedelta(days=7)
# A job that was lost is rung again after this; one that was never rung too.
TAKEN_UP_AFTER = timedelta(minutes=2)
# Then it is given up: writing it fails each time.
GIVEN_UP_AFTER = timedelta(hours=6)
# What spreadsheets take for the beginning of a formula (OWASP, CSV Injection).
FORMULA = ("=", "+", "-", "@", "\t", "\r")
State = AuditExport.State

COLUMNS = (
    "sequence",
    "occurred_at",
    "action",
    "actor_kind",
    "actor_id",
    "on_behalf_of",
    "target_kind",
    "target_id",
    "facts",
    "personal",
    "trace_id",
    "id",
    "hash",
)


def write_export(*, export_id: UUID, now: datetime) -> None:
    """Write the export's file, unless that is done or done elsewhere at this moment."""
    with transaction("users"):
        waiting = AuditExport.objects.everywhere().filter(id=export_id, state=State.PENDING)
        export = waiting.select_for_update(skip_locked=True).first()
        if export is None:
            return
        _keep_open()
        export.storage_key = f"audit/exports/{export.organization_id}/{export.id}.{export.format}"
        with tempfile.TemporaryFile() as file:
            export.entries, export.size, export.sha256 = _fill(file, export)
            file.seek(0)
            storage().delete(export.storage_key)
            storage().save(export.storage_key, File(file))
        export.state, export.ready_at, export.expires_at = State.READY, now, now + LIFETIME
        export.save()


def _keep_open() -> None:
    """Let the transaction wait for the storage: its lock keeps a second writer away."""
    with connections["users"].cursor() as cursor:
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")


def waiting_exports(*, now: datetime) -> list[UUID]:
    """Return the exports whose job was lost; those that never get written are given up."""
    pending = AuditExport.objects.everywhere().filter(state=State.PENDING)
    pending.filter(created_at__lte=now - GIVEN_UP_AFTER).update(state=State.FAILED)
    lost = pending.filter(created_at__lte=now - TAKEN_UP_AFTER).order_by("id")
    return list(lost.values_list("id", flat=True)[:AT_ONCE])


def expire_exports(*, now: datetime) -> None:
    """Remove the files whose time is over."""
    ready = AuditExport.objects.everywhere().filter(state=State.READY)
    due = ready.filter(expires_at__lte=now).order_by("id")
    for export in due[:AT_ONCE]:
        storage().delete(export.storage_key)
        ready.filter(id=export.id).update(state=State.EXPIRED)


def _fill(file: IO[bytes], export: AuditExport) -> tuple[int, int, str]:
    """Write the entries; return how many they are, the bytes and their SHA-256."""
    encode = _csv_line if export.format == "csv" else _json_line
    digest, size, count = hashlib.sha256(), 0, 0

    def put(text: bytes) -> None:
        nonlocal size
        file.write(text)
        digest.update(text)
        size += len(text)

    if export.format == "csv":
        put(_csv_row(COLUMNS))
    for entry in _entries(_filtered(export)):
        put(encode(document_of(entry)))
        count += 1
    return count, size, digest.hexdigest()


def _filtered(export: AuditExport) -> QuerySet[AuditEntry]:
    """Return the entries that the export asks for."""
    wanted = {LOOKUPS[name]: value for name, value in export.filters.items()}
    return entries_of(export.organization_id).filter(**wanted)


def _entries(entries: QuerySet[AuditEntry]) -> Iterator[AuditEntry]:
    """Yield the entries, the oldest first, some at a time."""
    page = list(entries.order_by("sequence")[:AT_ONCE])
    while page:
        yield from page
        after = entries.filter(sequence__gt=page[-1].sequence)
        page = list(after.order_by("sequence")[:AT_ONCE])


def _json_line(document: dict[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode() + b"\n"


def _csv_line(document: dict[str, Any]) -> bytes:
    actor, target = document["actor"], document["target"]
    flat = document | {
        "actor_kind": actor["kind"],
        "actor_id": actor["id"],
        "target_kind": target["kind"],
        "target_id": target["id"],
        "facts": json.dumps(document["facts"], ensure_ascii=False),
        "personal": json.dumps(document["personal"], ensure_ascii=False),
    }
    return _csv_row([flat[column] for column in COLUMNS])


def _csv_row(cells: Any) -> bytes:
    line = io.StringIO()
    csv.writer(line).writerow([harmless(cell) for cell in cells])
    return line.getvalue().encode()


def harmless(cell: Any) -> str:
    """Return the cell's text; no spreadsheet takes it for a formula."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.startswith(FORMULA) else text
