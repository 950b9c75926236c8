"""The audit log as those read it who may; reading it is audited itself."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.db.models import QuerySet

from domains.users.contract.events import AuditLogRead
from domains.users.contract.permissions import AUDIT_READ
from domains.users.models import AuditEntry
from kernel.db import transaction
from kernel.events import publish
from kernel.principal import Principal

LONGEST_FILTER = 100

# What the log can be searched by, and the ORM lookup of each.
LOOKUPS = {
    "actor": "actor_id",
    "on_behalf_of": "on_behalf_of",
    "action": "action__named",
    "target": "target_id",
    "from": "occurred_at__gte",
    "until": "occurred_at__lt",
}


def read_log(*, principal: Principal, filters: Mapping[str, str]) -> QuerySet[AuditEntry]:
    """Return the current organization's entries; that they are read, and by which `filters`, stays.

    Raise `Forbidden` without the permission.
    """
    principal.require(AUDIT_READ)
    organization_id = principal.organization_id
    told = {name: value[:LONGEST_FILTER] for name, value in filters.items()}
    with transaction("users"):
        publish(AuditLogRead(organization_id=organization_id, filters=told))
    return entries_of(organization_id)


def entries_of(organization_id: UUID) -> QuerySet[AuditEntry]:
    """Return all that is kept of the organization's trail."""
    return AuditEntry.objects.within(organization_id)
