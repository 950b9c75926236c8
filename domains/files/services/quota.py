"""How much an organization stores: reserved when an upload opens, used once the file is ready.

Every function that changes it needs an open transaction, and holds the row until its end.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from domains.billing import interface as billing
from domains.files.contract import FileState, QuotaExceeded
from domains.files.models import File, StorageUsage


@dataclass(frozen=True, kw_only=True)
class Usage:
    """How much of its quota an organization uses."""

    used_bytes: int
    reserved_bytes: int
    quota_bytes: int
    files: int


def get_usage(*, organization_id: UUID) -> Usage:
    """Return what the organization stores, and what its plan allows; changes nothing."""
    [allowed] = billing.get_entitlements(organization_ids=[organization_id])
    row = StorageUsage.objects.within(organization_id).first() or StorageUsage()
    ready = File.objects.within(organization_id).filter(state=FileState.READY)
    return Usage(
        used_bytes=row.used_bytes,
        reserved_bytes=row.reserved_bytes,
        quota_bytes=allowed.storage_bytes,
        files=ready.count(),
    )


def reserve(*, organization_id: UUID, size: int, quota: int) -> None:
    """Promise `size` bytes; raise `QuotaExceeded` where all promises would pass `quota` bytes."""
    usage = _locked(organization_id)
    taken = usage.used_bytes + usage.reserved_bytes
    if taken + size > quota:
        raise QuotaExceeded(used=taken, quota=quota, size=size)
    usage.reserved_bytes += size
    usage.save(update_fields=["reserved_bytes"])


def settle(*, organization_id: UUID, size: int) -> None:
    """Turn promised bytes into stored ones."""
    usage = _locked(organization_id)
    usage.reserved_bytes -= size
    usage.used_bytes += size
    usage.save(update_fields=["reserved_bytes", "used_bytes"])


def release_reserved(*, organization_id: UUID, size: int) -> None:
    """Give back promised bytes that never came."""
    usage = _locked(organization_id)
    usage.reserved_bytes -= size
    usage.save(update_fields=["reserved_bytes"])


def release_used(*, organization_id: UUID, size: int) -> None:
    """Give back the bytes of a file that was deleted."""
    usage = _locked(organization_id)
    usage.used_bytes -= size
    usage.save(update_fields=["used_bytes"])


def _locked(organization_id: UUID) -> StorageUsage:
    StorageUsage.objects.bulk_create(
        [StorageUsage(organization_id=organization_id)], ignore_conflicts=True
    )
    return StorageUsage.objects.within(organization_id).select_for_update().get()
