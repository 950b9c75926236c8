"""Finding teams, for those who may: permissions can be held in a team alone, and those within."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from domains.users import models
from domains.users.contract.errors import OrganizationNotFound, TeamNotFound
from domains.users.contract.permissions import TEAM_READ, TEAM_WRITE
from kernel.permissions import Permission
from kernel.principal import Principal


def require_known(principal: Principal, organization_id: UUID) -> None:
    """Raise `OrganizationNotFound` unless the caller belongs to the organization."""
    if organization_id not in {*principal.memberships, *principal.barred}:
        raise OrganizationNotFound


def visible_teams(*, principal: Principal, organization_id: UUID) -> QuerySet[models.Team]:
    """Return the organization's teams, or those of them that the caller may see.

    Raise `OrganizationNotFound`, or `Forbidden` to whom no team may be shown.
    """
    require_known(principal, organization_id)
    teams = models.Team.objects.filter(organization_id=organization_id)
    held_in = [id_ for id_, held in principal.teams.items() if TEAM_READ.name in held]
    if not principal.may(TEAM_READ, organization_id=organization_id):
        teams = teams.filter(path__overlap=held_in)
        if not teams.exists():
            principal.require(TEAM_READ, organization_id=organization_id)
    return teams


def find_team(
    *,
    principal: Principal,
    organization_id: UUID,
    team_id: UUID,
    permission: Permission = TEAM_WRITE,
    pointer: str | None = None,
) -> models.Team:
    """Return the team, in which the permission is held.

    Raise `OrganizationNotFound`, `Forbidden`, or `TeamNotFound` (with the pointer) alike for a
    foreign and an unknown one; who may nothing here doesn't learn which teams there are.
    """
    require_known(principal, organization_id)
    teams = models.Team.objects.filter(organization_id=organization_id)
    team = teams.filter(id=team_id).first()
    around = team.path if team else ()
    principal.require(permission, organization_id=organization_id, within=around)
    if team is None:
        raise TeamNotFound(pointer=pointer)
    return team
