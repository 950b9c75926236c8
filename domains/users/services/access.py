"""What an account may do: asked by the gateway once for every request."""

from __future__ import annotations

from functools import lru_cache
from uuid import UUID

from domains.users.contract.data import Access, MembershipAccess, TeamAccess
from domains.users.contract.errors import OrganizationNotFound
from domains.users.services.decision import effective
from domains.users.services.founding import ensure_personal_organization
from domains.users.services.standing import Place, load_places


def get_access(*, account_id: UUID, organization_id: UUID | None) -> Access:
    """Return every membership of the account with what it allows, in one query.

    None means the personal organization, which is made now if the account's registration
    hasn't been heard of yet. Raise `OrganizationNotFound` for one that it isn't a member of.
    """
    places = load_places(account_id=account_id)
    if organization_id is None and _personal(places) is None:
        ensure_personal_organization(account_id=account_id)
        places = load_places(account_id=account_id)
    current = organization_id or _personal(places)
    if current is None or all(current != place.standing.organization_id for place in places):
        raise OrganizationNotFound
    return Access(
        account_id=account_id,
        organization_id=current,
        memberships=tuple(_to_access(place) for place in places),
    )


def _personal(places: list[Place]) -> UUID | None:
    return next((place.standing.organization_id for place in places if place.own), None)


def _to_access(place: Place) -> MembershipAccess:
    held = effective(place.standing)
    return MembershipAccess(
        organization_id=place.standing.organization_id,
        role=place.standing.role,
        permissions=_in_order(held.permissions),
        teams=tuple(
            TeamAccess(team_id=team_id, permissions=_in_order(permissions))
            for team_id, permissions in held.teams.items()
        ),
        policy=place.policy,
    )


@lru_cache(maxsize=1024)
def _in_order(permissions: frozenset[str]) -> tuple[str, ...]:
    """Return them sorted: most people share few sets, and hashing one is remembered by Python."""
    return tuple(sorted(permissions))
