"""Who may do what: the one decision, from what somebody holds to what follows from it.

Pure: `standing` reads what it needs, and everybody who asks gets the answer of this module.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from domains.users.contract.data import WhoMayInvite
from domains.users.contract.permissions import MEMBER_INVITE, ORGANIZATION_CLOSE, ORGANIZATION_READ
from kernel.permissions import Role

WHEN_CLOSED = frozenset({ORGANIZATION_READ.name, ORGANIZATION_CLOSE.name})
_INVITE = frozenset({MEMBER_INVITE.name})
_NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class Grant:
    """A role besides the membership's, as it reaches somebody: directly or through a team.

    It counts in the whole organization or, with `scope_id`, in that team and those within it.
    """

    assignment_id: UUID
    role: str
    role_name: str
    permissions: frozenset[str]
    via_team_id: UUID | None = None
    scope_id: UUID | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """All that decides what a member may do in one organization; `role` is the role's key."""

    organization_id: UUID
    role: str
    role_name: str
    permissions: frozenset[str]
    grants: tuple[Grant, ...] = ()
    closed: bool = False
    who_may_invite: str = WhoMayInvite.ADMINS

    @property
    def is_owner(self) -> bool:
        """Return whether this is an owner, which one is by the membership alone."""
        return self.role == Role.OWNER


@dataclass(frozen=True, kw_only=True, slots=True)
class Effective:
    """What somebody may do in the whole organization, and in some teams besides."""

    permissions: frozenset[str]
    teams: Mapping[UUID, frozenset[str]]

    def within(self, path: Iterable[UUID]) -> frozenset[str]:
        """Return what may be done in a team, of which `path` names it and those around it."""
        return self.permissions.union(*(self.teams.get(team_id, _NOTHING) for team_id in path))


def effective(standing: Standing) -> Effective:
    """Return everything that the member may do."""
    held = role_permissions(standing, standing.role, standing.permissions)
    teams: dict[UUID, frozenset[str]] = {}
    for grant in standing.grants:
        permissions = role_permissions(standing, grant.role, grant.permissions)
        if grant.scope_id is None:
            held |= permissions
        else:
            teams[grant.scope_id] = teams.get(grant.scope_id, _NOTHING) | permissions
    return Effective(
        permissions=held, teams={key: rest for key in teams if (rest := teams[key] - held)}
    )


def reasons(
    standing: Standing, permission: str, *, within: Iterable[UUID] = ()
) -> list[Grant | None]:
    """Return what allows it: grants, and None for the membership itself; nothing if denied.

    `within` names the team that is asked about, and those around it.
    """
    path = frozenset(within)
    found: list[Grant | None] = [
        grant
        for grant in standing.grants
        if permission in role_permissions(standing, grant.role, grant.permissions)
        and (grant.scope_id is None or grant.scope_id in path)
    ]
    own = role_permissions(standing, standing.role, standing.permissions)
    return [None, *found] if permission in own else found


def role_permissions(standing: Standing, role: str, permissions: frozenset[str]) -> frozenset[str]:
    """Return what a role of these permissions lets this member do, as things stand there."""
    if standing.closed:
        return permissions & WHEN_CLOSED
    if standing.who_may_invite == WhoMayInvite.ADMINS:
        return permissions
    if standing.who_may_invite == WhoMayInvite.OWNERS:
        return permissions if standing.is_owner else permissions - _INVITE
    return permissions | _INVITE if role == Role.MEMBER else permissions
