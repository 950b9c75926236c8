"""Nobody grants what they lack, and nobody takes from those who may do more.

What the granter holds is read anew under the organization's lock: what the request began with may
have been taken meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db.models import QuerySet

from domains.users import models
from domains.users.contract.errors import MemberAboveOwn, OrganizationNotFound, RoleAboveOwn
from domains.users.services.covering import Granter, Path, covers, covers_member
from domains.users.services.decision import Standing
from domains.users.services.roles import GivenRole, role_of
from domains.users.services.standing import load_place
from kernel.principal import Principal


def granter_of(principal: Principal, organization: models.Organization) -> Granter:
    """Return what the caller holds there now; raise `OrganizationNotFound` if nothing any more.

    A key holds what it was given, a person's no more of it than the person.
    """
    key = principal.memberships.get(organization.id, frozenset())
    if principal.account_id is None:
        return Granter(standing=_of_nobody(organization, key), key=key)
    standing = _standing(principal.account_id, organization)
    if standing is None:
        raise OrganizationNotFound
    return Granter(standing=standing, key=key if principal.kind == "api_key" else None)


def require_may_grant(
    principal: Principal,
    organization: models.Organization,
    role: GivenRole,
    *,
    scope: models.Team | None = None,
) -> None:
    """Raise `RoleAboveOwn` unless the caller holds all that the role gives (within the scope).

    Only an owner, signed in, makes owners. The organization is locked by the caller.
    """
    if not may_grant(principal, organization, role, scope=scope):
        raise RoleAboveOwn


def may_grant(
    principal: Principal,
    organization: models.Organization,
    role: GivenRole,
    *,
    scope: models.Team | None = None,
) -> bool:
    """Return whether the caller holds all that the role gives, and so may give and take it."""
    path = scope.path if scope else ()
    return covers(granter_of(principal, organization), role.key, role.permissions, path=path)


def grantable(
    principal: Principal, organization: models.Organization, roles: Iterable[GivenRole]
) -> frozenset[str]:
    """Return the keys of those of the roles that the caller may grant in the whole organization.

    The organization is locked by the caller. Raise `OrganizationNotFound` if they don't belong
    to it any more.
    """
    granter = granter_of(principal, organization)
    held = (role for role in roles if covers(granter, role.key, role.permissions, path=()))
    return frozenset(role.key for role in held)


def require_holds(
    principal: Principal, organization: models.Organization, permissions: Sequence[str]
) -> None:
    """Raise `RoleAboveOwn`, naming the first of the permissions that the caller lacks."""
    held = granter_of(principal, organization).held()
    for permission in permissions:
        if not all(permission in each for each in held):
            raise RoleAboveOwn(f"You don't hold {permission}.", permission=permission)


def may_grant_by_team(
    principal: Principal, organization: models.Organization, team_ids: Iterable[UUID]
) -> bool:
    """Return whether the caller holds all that these teams' assignments give.

    Who puts a member into a team, or a team within another, grants that: `team_ids` are the team
    and those around it.
    """
    rows = organization.role_assignments.filter(team_id__in=list(team_ids))
    paths = [(row, row.scope.path if row.scope else ()) for row in _with_roles(rows)]
    return _covers_all(principal, organization, paths)


def may_move(
    principal: Principal, organization: models.Organization, team: models.Team, *, below: Path
) -> bool:
    """Return whether the caller holds what the team gets, and what others get in it, below there.

    What counts in the teams around its new place will count in it.
    """
    rows = organization.role_assignments.filter(scope_id__in=list(below))
    widened = [(row, team.path) for row in _with_roles(rows)]
    return may_grant_by_team(principal, organization, below) and _covers_all(
        principal, organization, widened
    )


def require_may_change_member(
    principal: Principal, organization: models.Organization, member: models.Membership
) -> None:
    """Raise `MemberAboveOwn` if the member is somebody else who may do what the caller may not.

    The organization is locked by the caller.
    """
    if member.account_id == principal.account_id:
        return
    other = _standing(member.account_id, organization)
    if other is None:
        return
    scopes = {grant.scope_id for grant in other.grants if grant.scope_id}
    paths = {team.id: team.path for team in organization.teams.filter(id__in=scopes)}
    if not covers_member(granter_of(principal, organization), other, paths=paths):
        raise MemberAboveOwn


def _with_roles(rows: QuerySet[models.RoleAssignment]) -> QuerySet[models.RoleAssignment]:
    return rows.select_related("custom_role", "scope")


def _covers_all(
    principal: Principal,
    organization: models.Organization,
    rows: Sequence[tuple[models.RoleAssignment, Path]],
) -> bool:
    if not rows:
        return True
    granter = granter_of(principal, organization)
    given = ((role_of(row), path) for row, path in rows)
    return all(covers(granter, role.key, role.permissions, path=path) for role, path in given)


def _of_nobody(organization: models.Organization, permissions: frozenset[str]) -> Standing:
    return Standing(
        organization_id=organization.id,
        role="",
        role_name="",
        permissions=permissions,
        who_may_invite=organization.who_may_invite,
    )


def _standing(account_id: UUID, organization: models.Organization) -> Standing | None:
    place = load_place(account_id=account_id, organization_id=organization.id)
    return place.standing if place else None
