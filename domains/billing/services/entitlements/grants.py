"""Giving an organization more of a feature than its plan does."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from domains.billing.contract.entitlements import GrantInvalid, GrantNotFound
from domains.billing.models import Grant
from domains.billing.services.entitlements.plans import announce
from kernel.db import transaction

DEFAULT_PRIORITY = 100


def give(
    *,
    organization_id: UUID,
    feature: str,
    amount: int,
    reason: str,
    now: datetime,
    priority: int = DEFAULT_PRIORITY,
    effective_at: datetime | None = None,
    expires_at: datetime | None = None,
) -> Grant:
    """Give the organization so much more of the feature, from now or then on, until it expires.

    Of a metered feature it is burnt by use, the lowest priority first; of any other it raises what
    is allowed as long as it lasts. Raise `GrantInvalid` for an amount or a time that is none.
    """
    starts = effective_at or now
    if amount < 1 or (expires_at is not None and expires_at <= starts):
        raise GrantInvalid("A grant is of something, and for some time.")
    with transaction("billing"):
        grant = Grant.objects.create(
            organization_id=organization_id,
            feature=feature,
            amount=amount,
            remaining=amount,
            priority=priority,
            effective_at=starts,
            expires_at=expires_at,
            created_at=now,
            reason=reason,
        )
        announce(organization_id=organization_id)
        return grant


def withdraw(*, organization_id: UUID, grant_id: UUID, now: datetime) -> None:
    """Let what is left of the grant expire now, unless it has; raise `GrantNotFound`."""
    with transaction("billing"):
        rows = Grant.objects.within(organization_id).filter(id=grant_id)
        grant = rows.select_for_update().first()
        if grant is None:
            raise GrantNotFound
        if grant.expires_at is None or grant.expires_at > now:
            grant.expires_at = now
            grant.save(update_fields=["expires_at"])
            announce(organization_id=organization_id)
