"""Erasing every file of an organization."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from domains.files.contract import FileDeleted, FileState
from domains.files.models import File, StorageUsage
from domains.files.services.catalogue import SHOWN
from domains.files.services.removal import AT_ONCE
from kernel.db import transaction
from kernel.events import publish
from kernel.jobs import ring


def erase_organization(*, organization_id: UUID, now: datetime) -> None:
    """Delete every file of the organization, and all that was known of them; repeatable.

    Of each a row without a name is left, by which its bytes are found and removed.
    """
    with transaction("files"):
        files = File.objects.within(organization_id)
        rows = list(files.select_for_update().order_by("id").values_list("id", "state"))
        shown = [id_ for id_, state in rows if state in SHOWN]
        files.filter(id__in=shown).update(state=FileState.DELETED, deleted_at=now, purged_at=None)
        files.update(name="", sha256="", account_id=None, reason="")
        StorageUsage.objects.within(organization_id).delete()
        publish(*[FileDeleted(file_id=id_, organization_id=organization_id) for id_ in shown])
        # The sweep removes the bytes of all; the first of them needn't wait for it.
        for id_ in shown[:AT_ONCE]:
            ring("files.purge_file", str(organization_id), str(id_))
