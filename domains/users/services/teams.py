"""The teams of an organization: made, changed, moved and deleted under the organization's lock."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any
from uuid import UUID

from django.db.models import QuerySet, Value
from django.db.models.functions import Lower

from domains.users import models
from domains.users.contract.errors import (
    MemberAboveOwn,
    RoleAboveOwn,
    TeamHasTeams,
    TeamLimitReached,
    TeamNameTaken,
)
from domains.users.contract.events import Change, TeamCreated, TeamDeleted, TeamUpdated
from domains.users.contract.permissions import TEAM_READ, TEAM_WRITE
from domains.users.services.granting import may_grant_by_team, may_move
from domains.users.services.organizations import lock_organization
from domains.users.services.team_access import find_team, require_known, visible_teams
from domains.users.services.team_grants import require_may_end, tell_of_lost_roles
from domains.users.services.team_paths import Path, moved, require_fit
from kernel.db import transaction
from kernel.events import publish
from kernel.ids import uuid7
from kernel.preconditions import Precondition, entity_tag
from kernel.principal import Principal

TEAMS_PER_ORGANIZATION = 500


def list_teams(*, principal: Principal, organization_id: UUID) -> QuerySet[models.Team]:
    """Return the organization's teams that the caller may see.

    Raise `OrganizationNotFound` or `Forbidden`.
    """
    return visible_teams(principal=principal, organization_id=organization_id)


def get_team(*, principal: Principal, organization_id: UUID, team_id: UUID) -> models.Team:
    """Return the team; raise `OrganizationNotFound`, `Forbidden` or `TeamNotFound`."""
    return find_team(
        principal=principal,
        organization_id=organization_id,
        team_id=team_id,
        permission=TEAM_READ,
    )


def tag_of(team: models.Team) -> str:
    """Return the entity tag of the team; its place may change without its being saved."""
    return entity_tag(team.id, team.updated_at, team.path)


def create_team(
    *,
    principal: Principal,
    organization_id: UUID,
    name: str,
    description: str = "",
    parent_id: UUID | None = None,
) -> models.Team:
    """Make a team, within another if one is named.

    Raise `OrganizationNotFound`, `Forbidden`, `TeamNotFound`, `TeamNameTaken`, `TeamTooDeep` or
    `TeamLimitReached`.
    """
    with transaction("users"):
        below = _place(principal, organization_id, parent_id)
        lock_organization(organization_id)
        below = _place(principal, organization_id, parent_id)
        team = models.Team(
            id=uuid7(),
            organization_id=organization_id,
            parent_id=parent_id,
            name=name,
            description=description,
        )
        require_fit([[team.id]], team_id=team.id, below=below)
        team.path = [*below, team.id]
        _require_room(organization_id)
        _require_free(team)
        team.save(force_insert=True)
        publish(
            TeamCreated(
                organization_id=organization_id, team_id=team.id, parent_id=parent_id, name=name
            )
        )
        return team


def update_team(
    *,
    principal: Principal,
    organization_id: UUID,
    team_id: UUID,
    changes: Mapping[str, Any],
    expected: Precondition,
) -> models.Team:
    """Change the team's name, description or `parent_id`; all within it move along.

    Raise `OrganizationNotFound`, `Forbidden`, `TeamNotFound`, `PreconditionFailed`,
    `TeamNameTaken`, `TeamWithinItself`, `TeamTooDeep`, `RoleAboveOwn` or `MemberAboveOwn`.
    """
    with transaction("users"):
        team = _locked(principal, organization_id, team_id)
        expected.check(tag_of(team))
        told = tuple(
            Change(field=field, before=_text(getattr(team, field)), after=_text(new))
            for field, new in changes.items()
            if getattr(team, field) != new
        )
        if not told:
            return team
        if changes.get("parent_id", team.parent_id) != team.parent_id:
            _move(team, principal=principal, parent_id=changes["parent_id"])
        team.name = changes.get("name", team.name)
        team.description = changes.get("description", team.description)
        _require_free(team)
        team.save()
        publish(TeamUpdated(organization_id=organization_id, team_id=team.id, changes=told))
        return team


def delete_team(*, principal: Principal, organization_id: UUID, team_id: UUID) -> None:
    """Delete the team; its members stay members of the organization.

    Raise `OrganizationNotFound`, `Forbidden`, `TeamNotFound`, `TeamHasTeams`, or `MemberAboveOwn`
    if somebody has more by the team than the caller holds.
    """
    with transaction("users"):
        team = _locked(principal, organization_id, team_id)
        if team.children.exists():
            raise TeamHasTeams
        require_may_end(principal, team.organization, team)
        tell_of_lost_roles(team)
        team.delete()
        publish(TeamDeleted(organization_id=organization_id, team_id=team_id, name=team.name))


def _locked(principal: Principal, organization_id: UUID, team_id: UUID) -> models.Team:
    """Return the team to be changed, under the lock that only those may take who may change it."""
    find = partial(find_team, principal=principal, organization_id=organization_id, team_id=team_id)
    find()
    lock_organization(organization_id)
    return find()


def _place(principal: Principal, organization_id: UUID, parent_id: UUID | None) -> Path:
    """Return the path below which the caller may put a team: () is the outermost place."""
    if parent_id is None:
        require_known(principal, organization_id)
        principal.require(TEAM_WRITE, organization_id=organization_id)
        return ()
    parent = find_team(
        principal=principal,
        organization_id=organization_id,
        team_id=parent_id,
        pointer="/parent_id",
    )
    return parent.path


def _move(team: models.Team, *, principal: Principal, parent_id: UUID | None) -> None:
    """Put the team elsewhere; who may change it alone can't take it from those around it."""
    below = _place(principal, team.organization_id, parent_id)
    principal.require(TEAM_WRITE, organization_id=team.organization_id, within=team.path[:-1])
    if not may_move(principal, team.organization, team, below=below):
        raise RoleAboveOwn
    if not may_grant_by_team(principal, team.organization, {*team.path[:-1]} - {*below}):
        raise MemberAboveOwn
    within = list(models.Team.objects.filter(path__contains=[team.id]).exclude(id=team.id))
    require_fit([team.path, *(each.path for each in within)], team_id=team.id, below=below)
    for each in (team, *within):
        each.path = moved(each.path, team_id=team.id, below=below)
    team.parent_id = parent_id
    models.Team.objects.bulk_update(within, ["path"])


def _require_room(organization_id: UUID) -> None:
    if models.Team.objects.filter(organization_id=organization_id).count() < TEAMS_PER_ORGANIZATION:
        return
    raise TeamLimitReached(f"An organization has {TEAMS_PER_ORGANIZATION} teams at most.")


def _require_free(team: models.Team) -> None:
    others = models.Team.objects.filter(organization_id=team.organization_id).exclude(id=team.id)
    same = others.alias(folded=Lower("name")).filter(folded=Lower(Value(team.name)))
    if same.exists():
        raise TeamNameTaken(pointer="/name")


def _text(value: object) -> str | None:
    return None if value is None else str(value)
