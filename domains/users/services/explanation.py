"""Why somebody may do something or not, told by what decides it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from domains.users import models
from domains.users.contract.errors import MemberNotFound, PermissionUnknown, TeamNotFound
from domains.users.contract.permissions import ROLE_READ
from domains.users.services.decision import Grant, Standing, reasons
from domains.users.services.people import account_of
from domains.users.services.standing import load_place
from kernel.permissions import registry
from kernel.principal import Principal


@dataclass(frozen=True, kw_only=True)
class Reason:
    """A role that allows it: the membership's own, or one that was assigned besides."""

    kind: str
    role: str
    role_name: str
    assignment_id: UUID | None = None
    via_team_id: UUID | None = None
    scope_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """Whether an account may do something in an organization, or in one of its teams, and why."""

    permission: str
    account_id: UUID
    organization_id: UUID
    team_id: UUID | None
    closed: bool
    reasons: Sequence[Reason]

    @property
    def allowed(self) -> bool:
        """Return whether anything allows it."""
        return bool(self.reasons)


def explain(
    *, principal: Principal, permission: str, account_id: UUID | None, team_id: UUID | None
) -> Explanation:
    """Explain the permission in the current organization, by default the caller's own.

    Raise `PermissionUnknown`, `Forbidden`, `MemberNotFound`, `TeamNotFound`, or
    `auth.SessionRequired` for a key that is nobody's and asks about itself.
    """
    about = account_id or account_of(principal)
    if about != principal.account_id:
        principal.require(ROLE_READ)
    if permission not in registry:
        raise PermissionUnknown
    organization_id = principal.organization_id
    place = load_place(account_id=about, organization_id=organization_id)
    if place is None:
        raise MemberNotFound
    path = _path(organization_id, team_id)
    found = reasons(place.standing, permission, within=path)
    return Explanation(
        permission=permission,
        account_id=about,
        organization_id=organization_id,
        team_id=team_id,
        closed=place.standing.closed,
        reasons=[_reason(place.standing, grant) for grant in found],
    )


def _path(organization_id: UUID, team_id: UUID | None) -> Sequence[UUID]:
    if team_id is None:
        return ()
    teams = models.Team.objects.filter(organization_id=organization_id)
    team = teams.filter(id=team_id).first()
    if team is None:
        raise TeamNotFound
    return team.path


def _reason(standing: Standing, grant: Grant | None) -> Reason:
    if grant is None:
        return Reason(kind="membership", role=standing.role, role_name=standing.role_name)
    return Reason(
        kind="assignment",
        role=grant.role,
        role_name=grant.role_name,
        assignment_id=grant.assignment_id,
        via_team_id=grant.via_team_id,
        scope_id=grant.scope_id,
    )
