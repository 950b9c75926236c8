"""A person asks for all that is kept about them, and fetches the archive."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import IO
from uuid import UUID

from django.core.files.storage import storages
from django.db.models import F

from domains.auth import interface as auth
from domains.users.contract.errors import (
    ExportInProgress,
    ExportLimitReached,
    ExportLinkInvalid,
    PersonExportNotFound,
)
from domains.users.contract.events import PersonExportRequested
from domains.users.models import PersonExport
from domains.users.services import export_links
from domains.users.services.people import person_of
from domains.users.services.profiles import lock_profile
from kernel.db import transaction
from kernel.events import publish
from kernel.jobs import ring
from kernel.principal import Principal
from kernel.privacy import Person

DAY = timedelta(days=1)
A_DAY = 3
STORAGE = "records"
State = PersonExport.State


@dataclass(frozen=True, kw_only=True)
class ShownExport:
    """An export and, once it is ready, a link to its archive."""

    export: PersonExport
    download_url: str | None = None
    link_expires_at: datetime | None = None


def request_export(*, principal: Principal, now: datetime) -> ShownExport:
    """Have an archive made of all that any domain keeps of the caller.

    Raise `auth.SessionRequired` for an API key, `ExportInProgress`, or `ExportLimitReached` after
    three in a day.
    """
    account_id = person_of(principal)
    with transaction("users"):
        lock_profile(account_id)
        _require_room(account_id, now)
        export = PersonExport.objects.create(account_id=account_id, created_at=now, due_at=now)
        publish(PersonExportRequested(account_id=account_id, export_id=export.id))
        ring("users.write_person_export", str(export.id))
    return ShownExport(export=export)


def _require_room(account_id: UUID, now: datetime) -> None:
    mine = PersonExport.objects.filter(account_id=account_id)
    if mine.filter(state=State.PENDING).exists():
        raise ExportInProgress
    lately = mine.filter(created_at__gt=now - DAY).exclude(state=State.FAILED)
    times = list(lately.order_by("-created_at").values_list("created_at", flat=True)[:A_DAY])
    if len(times) == A_DAY:
        wait = times[-1] + DAY - now
        raise ExportLimitReached(retry_after=int(wait.total_seconds()) + 1)


def get_latest_export(*, principal: Principal, now: datetime) -> ShownExport:
    """Return the caller's newest export, with a fresh link once it is ready.

    Raise `auth.SessionRequired` for an API key, `auth.ImpersonationForbids` for staff who act as
    the person, `PersonExportNotFound`.
    """
    account_id = person_of(principal)
    if principal.impersonator_id is not None:
        raise auth.ImpersonationForbids
    export = PersonExport.objects.filter(account_id=account_id).order_by("-id").first()
    if export is None:
        raise PersonExportNotFound
    if not _can_be_fetched(export, now):
        return ShownExport(export=export)
    until = min(now + export_links.LIFETIME, export.expires_at or now)
    url = export_links.link_to(path_of(export.id), expires_at=until)
    return ShownExport(export=export, download_url=url, link_expires_at=until)


def path_of(export_id: UUID) -> str:
    """Return where the archive's bytes are fetched."""
    return f"users/me/exports/{export_id}/content"


def open_archive(*, export_id: UUID, expires: str, signature: str, now: datetime) -> IO[bytes]:
    """Return the bytes of the archive that the link leads to; raise `ExportLinkInvalid`."""
    path = path_of(export_id)
    export_links.check_link(path, expires=expires, signature=signature, now=now)
    export = PersonExport.objects.filter(id=export_id).first()
    if export is None or not _can_be_fetched(export, now):
        raise ExportLinkInvalid
    try:
        archive: IO[bytes] = storages[STORAGE].open(export.storage_key)
    except FileNotFoundError as error:
        raise ExportLinkInvalid from error
    return archive


def _can_be_fetched(export: PersonExport, now: datetime) -> bool:
    if export.state != State.READY or export.expires_at is None:
        return False
    return export.expires_at > now


def forget_exports(person: Person) -> None:
    """Have the person's archives removed, and no row say whose they were.

    What is left finds the bytes, which go after the commit; it is nobody's: its own id stands
    where the account's was.
    """
    mine = PersonExport.objects.filter(account_id=person.account_id)
    ids = list(mine.values_list("id", flat=True))
    mine.update(account_id=F("id"), state=State.EXPIRED, sha256="", size=None)
    for export_id in ids:
        ring("users.remove_person_archive", str(export_id))
