"""Roles that go when a team goes: those it had, those around it, and those given in it alone."""

from __future__ import annotations

from django.db.models import Q

from domains.users import models
from domains.users.contract.errors import MemberAboveOwn
from domains.users.contract.events import RoleUnassigned
from domains.users.services.granting import may_grant, may_grant_by_team
from domains.users.services.roles import role_of
from kernel.events import publish
from kernel.principal import Principal


def require_may_end(
    principal: Principal, organization: models.Organization, team: models.Team
) -> None:
    """Raise `MemberAboveOwn` if somebody has more by the team, or in it, than the caller holds."""
    if not may_grant_by_team(principal, organization, team.path):
        raise MemberAboveOwn
    for row in models.RoleAssignment.objects.filter(scope=team).select_related("custom_role"):
        if not may_grant(principal, organization, role_of(row), scope=team):
            raise MemberAboveOwn


def tell_of_lost_roles(team: models.Team) -> None:
    """Publish that the roles which the team had, and those given in it alone, go with it."""
    rows = models.RoleAssignment.objects.within(team.organization_id)
    lost = rows.filter(Q(team=team) | Q(scope=team))
    publish(
        *(
            RoleUnassigned(
                organization_id=team.organization_id,
                assignment_id=row.id,
                role=row.role_key,
                account_id=row.membership.account_id if row.membership else None,
                team_id=row.team_id,
                scope_id=row.scope_id,
            )
            for row in lost.select_related("membership").order_by("id")
        )
    )
