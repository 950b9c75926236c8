"""How long entries are kept: as the organization's plan says, also once it is closed or gone."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import connections

from domains.billing import interface as billing
from domains.users.models import AuditChain
from domains.users.services.audit.chain import INSTALLATION
from kernel.db import transaction

AT_ONCE = 500
# Of one trail in one transaction.
MOST_ENTRIES = 10_000
# What no organization pays for: the installation's own trail.
INSTALLATION_DAYS = 365

PRUNE = "SELECT audit_prune(%s, %s, %s)"


def prune(*, now: datetime) -> int:
    """Clear away what every trail need not keep any longer; return how many entries that were.

    Interrupted, it goes on the next time.
    """
    pruned, last = 0, None
    while trails := _page(last):
        last = trails[-1]
        for trail, days in _days_of(trails).items():
            pruned += _prune(trail, before=now - timedelta(days=days))
    return pruned


def _page(after: UUID | None) -> list[UUID]:
    trails = AuditChain.objects.order_by("organization_id")
    if after is not None:
        trails = trails.filter(organization_id__gt=after)
    return list(trails.values_list("organization_id", flat=True)[:AT_ONCE])


def _days_of(trails: list[UUID]) -> dict[UUID, int]:
    """Return how many days each keeps; one that is gone has no plan, which is the free one."""
    allowed = billing.get_entitlements(organization_ids=trails)
    days = {each.organization_id: each.audit_retention_days for each in allowed}
    return days | {trail: INSTALLATION_DAYS for trail in trails if trail == INSTALLATION}


def _prune(trail: UUID, *, before: datetime) -> int:
    pruned = 0
    while True:
        with transaction("users"), connections["users"].cursor() as cursor:
            cursor.execute(PRUNE, [trail, before, MOST_ENTRIES])
            cleared = int(cursor.fetchone()[0])
        pruned += cleared
        if cleared < MOST_ENTRIES:
            return pruned
