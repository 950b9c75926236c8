"""What auth keeps for organizations, which it knows by their ids alone."""

from __future__ import annotations

from uuid import UUID

from domains.auth.models import ApiKey, ServiceAccount
from kernel.db import transaction


def erase_machines(*, organization_id: UUID) -> None:
    """Delete the API keys and service accounts of an erased organization; repeatable."""
    with transaction("auth"):
        ApiKey.objects.within(organization_id).delete()
        ServiceAccount.objects.within(organization_id).delete()
