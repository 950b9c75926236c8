"""What files keep of a person, what an export shows of it, and what an erasure does with it."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from domains.files.contract import FileState, PersonErased
from domains.files.models import File
from kernel.db import transaction
from kernel.events import publish
from kernel.privacy import Fate, Holding, Person, PersonalPage, erase, export_page

GONE = (FileState.DELETED, FileState.EXPIRED, FileState.REJECTED)
ORGANIZATIONS = (
    "A file belongs to its organization, with its name and bytes, and no longer says who brought "
    "it. Those of your own organizations go with them."
)
SHOWN = (
    "id",
    "organization_id",
    "account_id",
    "name",
    "size",
    "content_type",
    "sha256",
    "state",
    "created_at",
    "ready_at",
    "deleted_at",
)

HOLDINGS: tuple[Holding, ...] = (
    Holding(
        name="files",
        description="Files that you brought. The bytes are not in this archive: fetch them by "
        "their ids, GET /api/v1/files/<id>/content",
        model=File,
        of=lambda person: _files(person).exclude(state__in=GONE),
        shows=SHOWN,
        fate=Fate.ANONYMIZED,
        why=ORGANIZATIONS,
        clears={"account_id": None},
        keeps={"name": ORGANIZATIONS},
    ),
    Holding(
        name="deleted_files",
        description="Files that you brought and that are gone; a row of each is left",
        model=File,
        of=lambda person: _files(person).filter(state__in=GONE),
        shows=SHOWN,
        fate=Fate.ANONYMIZED,
        why="The bytes are found and removed by what stays: ids, size and dates.",
        clears={"account_id": None, "name": "", "sha256": ""},
    ),
)


def _files(person: Person) -> QuerySet[File]:
    return File.objects.filter(account_id=person.account_id)


def export_person(*, account_id: UUID, cursor: str | None) -> PersonalPage:
    """Return what files keep of the person, from the cursor on."""
    return export_page(HOLDINGS, Person(account_id=account_id), cursor=cursor)


def erase_person(*, account_id: UUID) -> None:
    """Forget who brought these files, and say so; repeatable."""
    with transaction("files"):
        erased = erase(HOLDINGS, Person(account_id=account_id))
        publish(PersonErased(account_id=account_id, items=erased))
