"""Teams, roles and assignments for tests, as rows."""

from __future__ import annotations

from uuid import UUID

from domains.users import models
from kernel.permissions import Role
from tests.users.people import Person


def team_of(organization_id: UUID, name: str, *, within: models.Team | None = None) -> models.Team:
    """Return a new team, perhaps within another."""
    team = models.Team(organization_id=organization_id, name=name, parent=within)
    team.path = [*(within.path if within else []), team.id]
    team.save()
    return team


def put_into(team: models.Team, *people: Person) -> None:
    """Have the people, who are members, belong to the team."""
    for person in people:
        models.TeamMembership.objects.create(
            organization_id=team.organization_id,
            team=team,
            membership=membership_of(team.organization_id, person),
        )


def membership_of(organization_id: UUID, person: Person) -> models.Membership:
    """Return the person's membership."""
    return models.Membership.objects.get(
        organization_id=organization_id, account_id=person.account_id
    )


def custom_role(organization_id: UUID, *permissions: str, name: str = "Own") -> models.CustomRole:
    """Return a new role of the organization's own."""
    return models.CustomRole.objects.create(
        organization_id=organization_id, name=name, permissions=list(permissions)
    )


def give(
    organization_id: UUID,
    role: models.CustomRole | str,
    *,
    to: Person | models.Team,
    scope: models.Team | None = None,
) -> models.RoleAssignment:
    """Assign the role to the member or the team, as it is."""
    row = models.RoleAssignment(organization_id=organization_id, scope=scope)
    if isinstance(role, models.CustomRole):
        row.custom_role = role
    else:
        row.role = Role(role)
    if isinstance(to, models.Team):
        row.team = to
    else:
        row.membership = membership_of(organization_id, to)
    row.save()
    return row


def have_role(organization_id: UUID, person: Person, role: models.CustomRole) -> None:
    """Have the member hold the custom role instead of theirs."""
    member = membership_of(organization_id, person)
    member.role, member.custom_role = "", role
    member.save()
