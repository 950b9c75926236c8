"""The organization's row in billing: the lock of all that happens to its plan."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from domains.billing.models import Customer
from domains.billing.services import catalogue


def lock_customer(*, organization_id: UUID, now: datetime) -> Customer:
    """Return the organization's row, locked until the transaction ends; made, if it has none."""
    rows = Customer.objects.within(organization_id).select_for_update()
    found = rows.first()
    if found is None:
        new = Customer(organization_id=organization_id, plan=catalogue.FREE, created_at=now)
        Customer.objects.bulk_create([new], ignore_conflicts=True)
        found = rows.get()
    return found
