"""Seats as they are taken: they follow membership, which users decides about and tells of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domains.billing.models import Allocation
from domains.billing.services.entitlements import standings
from kernel.ids import uuid7

SEATS = "seats"


def reserve_seat(
    *,
    organization_id: UUID,
    invitation_id: UUID,
    expires_at: datetime | None,
    version: int,
    now: datetime,
) -> None:
    """Have the invitation hold a seat until it expires."""
    holder = _Holder(organization_id=organization_id, key=str(invitation_id), version=version)
    holder.now_has(Allocation.State.RESERVED, now=now, expires_at=expires_at)


def settle_seat(*, organization_id: UUID, account_id: UUID, version: int, now: datetime) -> None:
    """Have the member take a seat."""
    holder = _Holder(organization_id=organization_id, key=str(account_id), version=version)
    holder.now_has(Allocation.State.SETTLED, now=now)


def release_seat(*, organization_id: UUID, holder_id: UUID, version: int, now: datetime) -> None:
    """Free the seat of a member or an invitation."""
    holder = _Holder(organization_id=organization_id, key=str(holder_id), version=version)
    holder.now_has(Allocation.State.RELEASED, now=now)


@dataclass(frozen=True, kw_only=True)
class _Holder:
    """A member or an invitation, as of a version of the organization."""

    organization_id: UUID
    key: str
    version: int

    def now_has(
        self, state: Allocation.State, *, now: datetime, expires_at: datetime | None = None
    ) -> None:
        """Take down what the holder has, unless something later was taken down."""
        said = {"feature": SEATS, "state": state, "expires_at": expires_at, "now": now}
        standings.follow(ids=[uuid7(), uuid7()], **vars(self), **said)
