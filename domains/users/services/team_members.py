"""Who is in a team."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from domains.users import models
from domains.users.contract.errors import MemberAboveOwn, MemberNotFound, RoleAboveOwn
from domains.users.contract.events import TeamMemberAdded, TeamMemberRemoved
from domains.users.contract.permissions import TEAM_READ
from domains.users.services.granting import may_grant_by_team
from domains.users.services.organizations import lock_organization
from domains.users.services.team_access import find_team
from kernel.db import transaction
from kernel.events import publish
from kernel.principal import Principal


def list_team_members(
    *, principal: Principal, organization_id: UUID, team_id: UUID, nested: bool
) -> QuerySet[models.Membership]:
    """Return the memberships of who is in the team or, `nested`, in one within it, once each.

    Raise `OrganizationNotFound`, `Forbidden` or `TeamNotFound`.
    """
    team = find_team(
        principal=principal,
        organization_id=organization_id,
        team_id=team_id,
        permission=TEAM_READ,
    )
    theirs = models.TeamMembership.objects.filter(
        organization_id=organization_id, membership=OuterRef("id")
    )
    here = theirs.filter(team__path__contains=[team.id]) if nested else theirs.filter(team=team)
    members = models.Membership.objects.filter(Exists(here), organization_id=organization_id)
    return members.select_related("account")


def in_teams(organization_id: UUID, team_ids: Sequence[UUID]) -> Exists:
    """Return the condition that a membership is in one of the teams, or in one within it."""
    theirs = models.TeamMembership.objects.within(organization_id)
    return Exists(theirs.filter(membership=OuterRef("id"), team__path__overlap=list(team_ids)))


def get_team_ids(*, organization_id: UUID, team_ids: Sequence[UUID]) -> list[UUID]:
    """Return those of the teams that the organization has."""
    teams = models.Team.objects.within(organization_id)
    return list(teams.filter(id__in=team_ids).values_list("id", flat=True))


def add_team_member(
    *, principal: Principal, organization_id: UUID, team_id: UUID, account_id: UUID
) -> None:
    """Put the member into the team; repeatable.

    They get the roles of the team and of those around it, so that who adds them must hold these.
    Raise `OrganizationNotFound`, `Forbidden`, `TeamNotFound`, `MemberNotFound` or `RoleAboveOwn`.
    """
    with transaction("users"):
        team, member = _locked(principal, organization_id, team_id, account_id)
        if not may_grant_by_team(principal, team.organization, team.path):
            raise RoleAboveOwn
        _, added = models.TeamMembership.objects.get_or_create(
            organization_id=organization_id, team=team, membership=member
        )
        if added:
            publish(
                TeamMemberAdded(
                    organization_id=organization_id, team_id=team_id, account_id=account_id
                )
            )


def remove_team_member(
    *, principal: Principal, organization_id: UUID, team_id: UUID, account_id: UUID
) -> None:
    """Take the member out of the team; repeatable.

    Raise `OrganizationNotFound`, `Forbidden`, `TeamNotFound`, `MemberNotFound`, or
    `MemberAboveOwn` to whom lacks what the team gave.
    """
    with transaction("users"):
        team, member = _locked(principal, organization_id, team_id, account_id)
        if not may_grant_by_team(principal, team.organization, team.path):
            raise MemberAboveOwn
        removed, _ = team.memberships.filter(membership=member).delete()
        if removed:
            publish(
                TeamMemberRemoved(
                    organization_id=organization_id, team_id=team_id, account_id=account_id
                )
            )


def _locked(
    principal: Principal, organization_id: UUID, team_id: UUID, account_id: UUID
) -> tuple[models.Team, models.Membership]:
    find = partial(find_team, principal=principal, organization_id=organization_id, team_id=team_id)
    find()
    organization = lock_organization(organization_id)
    team = find()
    team.organization = organization
    member = organization.memberships.filter(account_id=account_id).first()
    if member is None:
        raise MemberNotFound
    return team, member
