"""Roles beside the members' own: given to a member or a team, everywhere or within a team."""

from __future__ import annotations

from uuid import UUID

from django.db.models import CharField, QuerySet, Value
from django.db.models.functions import Cast, Coalesce, NullIf

from domains.users import models
from domains.users.contract.errors import (
    AssignmentLimitReached,
    AssignmentNotFound,
    MemberAboveOwn,
    MemberNotFound,
    TeamNotFound,
)
from domains.users.contract.events import RoleAssigned, RoleUnassigned
from domains.users.contract.permissions import ROLE_ASSIGN, ROLE_READ
from domains.users.services.granting import may_grant, require_may_grant
from domains.users.services.organizations import lock_organization
from domains.users.services.roles import GivenRole, resolve_role, role_of
from domains.users.services.team_access import find_team, require_known
from kernel.db import transaction
from kernel.events import publish
from kernel.principal import Principal

ASSIGNMENTS_PER_ORGANIZATION = 1000


def list_assignments(
    *, principal: Principal, organization_id: UUID
) -> QuerySet[models.RoleAssignment]:
    """Return the organization's assignments, whose role is `key`.

    Raise `OrganizationNotFound` or `Forbidden`.
    """
    require_known(principal, organization_id)
    principal.require(ROLE_READ, organization_id=organization_id)
    key = Coalesce(NullIf("role", Value("")), Cast("custom_role_id", CharField()))
    rows = models.RoleAssignment.objects.filter(organization_id=organization_id)
    return rows.select_related("membership").alias(key=key)


def assign_role(
    *,
    principal: Principal,
    organization_id: UUID,
    role: str,
    account_id: UUID | None = None,
    team_id: UUID | None = None,
    scope_id: UUID | None = None,
) -> models.RoleAssignment:
    """Give the role to the member or the team; return the row, also when repeated.

    Raise `OrganizationNotFound`, `Forbidden`, `MemberNotFound`, `TeamNotFound`, `RoleNotFound`,
    `RoleAboveOwn` or `AssignmentLimitReached`.
    """
    _require_may_assign(principal, organization_id, scope_id)
    with transaction("users"):
        organization = lock_organization(organization_id)
        scope = _require_may_assign(principal, organization_id, scope_id)
        row = models.RoleAssignment(
            organization=organization,
            membership=_member(organization, account_id),
            team=_team(organization, team_id),
            scope=scope,
            assigned_by=principal.account_id,
        )
        given = resolve_role(organization, role)
        require_may_grant(principal, organization, given, scope=scope)
        return _store(row, given)


def unassign_role(*, principal: Principal, organization_id: UUID, assignment_id: UUID) -> None:
    """Take the role; only who holds all of it may.

    Raise `OrganizationNotFound`, `Forbidden`, `AssignmentNotFound` or `MemberAboveOwn`.
    """
    _find(principal, organization_id, assignment_id)
    with transaction("users"):
        organization = lock_organization(organization_id)
        row = _find(principal, organization_id, assignment_id)
        if not may_grant(principal, organization, role_of(row), scope=row.scope):
            raise MemberAboveOwn
        row.delete()
        _tell(RoleUnassigned, row, assignment_id)


def _require_may_assign(
    principal: Principal, organization_id: UUID, scope_id: UUID | None
) -> models.Team | None:
    """Return the scope; who may assign roles in a team may in those within it, too."""
    if scope_id is None:
        require_known(principal, organization_id)
        principal.require(ROLE_ASSIGN, organization_id=organization_id)
        return None
    return find_team(
        principal=principal,
        organization_id=organization_id,
        team_id=scope_id,
        permission=ROLE_ASSIGN,
    )


def _member(organization: models.Organization, account_id: UUID | None) -> models.Membership | None:
    if account_id is None:
        return None
    member = organization.memberships.filter(account_id=account_id).first()
    if member is None:
        raise MemberNotFound
    return member


def _team(organization: models.Organization, team_id: UUID | None) -> models.Team | None:
    if team_id is None:
        return None
    team = organization.teams.filter(id=team_id).first()
    if team is None:
        raise TeamNotFound
    return team


def _store(row: models.RoleAssignment, given: GivenRole) -> models.RoleAssignment:
    rows = row.organization.role_assignments
    same = rows.filter(
        membership=row.membership,
        team=row.team,
        scope=row.scope,
        role=given.role,
        custom_role=given.custom_role,
    ).first()
    if same is not None:
        return same
    if rows.count() >= ASSIGNMENTS_PER_ORGANIZATION:
        raise AssignmentLimitReached(f"There are {ASSIGNMENTS_PER_ORGANIZATION} at most.")
    given.put_on(row)
    row.save(force_insert=True)
    _tell(RoleAssigned, row, row.id)
    return row


def _find(
    principal: Principal, organization_id: UUID, assignment_id: UUID
) -> models.RoleAssignment:
    require_known(principal, organization_id)
    rows = models.RoleAssignment.objects.filter(organization_id=organization_id)
    row = rows.select_related("membership", "scope", "custom_role").filter(id=assignment_id).first()
    around = row.scope.path if row and row.scope else ()
    principal.require(ROLE_ASSIGN, organization_id=organization_id, within=around)
    if row is None:
        raise AssignmentNotFound
    return row


def _tell(
    event: type[RoleAssigned | RoleUnassigned], row: models.RoleAssignment, assignment_id: UUID
) -> None:
    publish(
        event(
            organization_id=row.organization_id,
            assignment_id=assignment_id,
            role=row.role_key,
            account_id=row.membership.account_id if row.membership else None,
            team_id=row.team_id,
            scope_id=row.scope_id,
        )
    )
