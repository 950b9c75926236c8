"""Seats: a plan's limit on members and open invitations together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domains.billing import interface as billing
from domains.users import models
from domains.users.contract.errors import SeatLimitReached


def get_seats(organization_id: UUID) -> int:
    """Return how many seats the organization's plan has."""
    [entitlements] = billing.get_entitlements(organization_ids=[organization_id])
    return entitlements.seats


@dataclass(kw_only=True)
class Seats:
    """The seats of a locked organization, and how many are held.

    Members hold one each, and so does every invitation that can still be accepted.
    """

    total: int
    held: int

    @classmethod
    def of(cls, organization: models.Organization, *, seats: int, now: datetime) -> Seats:
        """Return the seats as they are held now."""
        invited = organization.invitations.filter(accepted_at=None, expires_at__gt=now)
        return cls(total=seats, held=organization.memberships.count() + invited.count())

    def take(self, *, again: bool) -> None:
        """Take a seat, or one `again` that the invitation holds already.

        Raise `SeatLimitReached` if the others hold all of them.
        """
        others = self.held - again
        _require(others < self.total, seats=self.total)
        self.held = others + 1


def require_seat_to_join(*, organization: models.Organization, seats: int) -> None:
    """Raise `SeatLimitReached` if the members of the locked organization fill its plan.

    That can be so in spite of the invitation's own seat, when the plan has become smaller.
    """
    _require(organization.memberships.count() < seats, seats=seats)


def _require(free: bool, *, seats: int) -> None:  # noqa: FBT001
    if not free:
        raise SeatLimitReached(f"The plan has {seats} seats, and all are taken.", seats=seats)
