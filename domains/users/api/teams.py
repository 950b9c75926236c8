"""HTTP in and out: teams and who is in them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from domains.users import models
from domains.users.api import examples
from domains.users.api.serializers import MemberOut
from domains.users.api.serializers_teams import TeamIn, TeamOut
from domains.users.contract.errors import (
    MemberAboveOwn,
    MemberNotFound,
    OrganizationNotFound,
    RoleAboveOwn,
    TeamHasTeams,
    TeamLimitReached,
    TeamNameTaken,
    TeamNotFound,
    TeamTooDeep,
    TeamWithinItself,
)
from domains.users.services import members, team_members, teams
from kernel.errors import Forbidden, PreconditionFailed
from kernel.rest import (
    Filter,
    Listing,
    caller,
    if_match,
    operation,
    paginate,
    parameter,
    single,
)

NESTED = Filter(serializers.BooleanField(), None, "Those in teams within this one, too")
BY_NAME = Listing(
    sort=("name", "-name", "id", "-id"),
    filters={
        "parent_id": Filter(serializers.UUIDField(), "parent_id", "Those directly within this one")
    },
)
BY_JOINING = Listing(sort=("id", "-id"), filters={"nested": NESTED})


class Teams(APIView):
    """The teams of an organization."""

    @operation(
        "listTeams",
        "List an organization's teams",
        description="Who may see teams in some of them alone is shown those, and those within.",
        response=TeamOut,
        listing=BY_NAME,
        response_example=examples.TEAM,
        problems=(OrganizationNotFound, Forbidden),
    )
    def get(self, request: Request, organization_id: UUID) -> Response:
        rows = teams.list_teams(principal=caller(request), organization_id=organization_id)
        return Response(paginate(request, rows, listing=BY_NAME, represent=TeamOut))

    @operation(
        "createTeam",
        "Make a team, perhaps within another",
        request=TeamIn,
        response=TeamOut,
        status=201,
        request_example={"name": "Compilers", "parent_id": examples.PARENT_ID},
        response_example=examples.TEAM,
        problems=(
            OrganizationNotFound,
            Forbidden,
            TeamNotFound,
            TeamNameTaken,
            TeamTooDeep,
            TeamLimitReached,
        ),
    )
    def post(self, request: Request, organization_id: UUID) -> Response:
        made = teams.create_team(
            principal=caller(request), organization_id=organization_id, **TeamIn.parse(request)
        )
        return _team(request, made, status=201)


class Team(APIView):
    """One team."""

    @operation(
        "getTeam",
        "Show a team",
        response=TeamOut,
        response_example=examples.TEAM,
        problems=(OrganizationNotFound, TeamNotFound, Forbidden),
    )
    def get(self, request: Request, organization_id: UUID, team_id: UUID) -> Response:
        found = teams.get_team(
            principal=caller(request), organization_id=organization_id, team_id=team_id
        )
        return _team(request, found)

    @operation(
        "updateTeam",
        "Call a team otherwise, or put it elsewhere with all teams within it",
        request=TeamIn,
        response=TeamOut,
        request_example={"parent_id": None},
        response_example={
            **examples.TEAM,
            "parent_id": None,
            "path": [examples.TEAM_ID],
        },
        problems=(
            OrganizationNotFound,
            TeamNotFound,
            Forbidden,
            RoleAboveOwn,
            PreconditionFailed,
            TeamNameTaken,
            TeamWithinItself,
            TeamTooDeep,
            MemberAboveOwn,
        ),
    )
    def patch(self, request: Request, organization_id: UUID, team_id: UUID) -> Response:
        changed = teams.update_team(
            principal=caller(request),
            organization_id=organization_id,
            team_id=team_id,
            changes=TeamIn.parse(request, partial=True),
            expected=if_match(request),
        )
        return _team(request, changed)

    @operation(
        "deleteTeam",
        "Delete a team that no other is within",
        description="The roles that it had, and those given in it alone, go with it. Its members "
        "stay members of the organization.",
        status=204,
        problems=(OrganizationNotFound, TeamNotFound, Forbidden, MemberAboveOwn, TeamHasTeams),
    )
    def delete(self, request: Request, organization_id: UUID, team_id: UUID) -> Response:
        teams.delete_team(
            principal=caller(request), organization_id=organization_id, team_id=team_id
        )
        return Response(status=204)


class TeamMembers(APIView):
    """The people of a team."""

    @operation(
        "listTeamMembers",
        "List who is in a team",
        response=MemberOut,
        listing=BY_JOINING,
        response_example=examples.MEMBER,
        problems=(OrganizationNotFound, TeamNotFound, Forbidden),
    )
    def get(self, request: Request, organization_id: UUID, team_id: UUID) -> Response:
        rows = team_members.list_team_members(
            principal=caller(request),
            organization_id=organization_id,
            team_id=team_id,
            nested=bool(parameter(request, "nested", listing=BY_JOINING)),
        )
        return Response(paginate(request, rows, listing=BY_JOINING, represent=_members))


class TeamMember(APIView):
    """One person's place in a team."""

    @operation(
        "addTeamMember",
        "Put a member into a team",
        description="Repeatable: whoever is in it stays in it.",
        status=204,
        problems=(OrganizationNotFound, TeamNotFound, MemberNotFound, Forbidden, RoleAboveOwn),
    )
    def put(
        self, request: Request, organization_id: UUID, team_id: UUID, account_id: UUID
    ) -> Response:
        team_members.add_team_member(
            principal=caller(request),
            organization_id=organization_id,
            team_id=team_id,
            account_id=account_id,
        )
        return Response(status=204)

    @operation(
        "removeTeamMember",
        "Take a member out of a team",
        description="Repeatable: whoever isn't in it stays out of it.",
        status=204,
        problems=(OrganizationNotFound, TeamNotFound, MemberNotFound, Forbidden, MemberAboveOwn),
    )
    def delete(
        self, request: Request, organization_id: UUID, team_id: UUID, account_id: UUID
    ) -> Response:
        team_members.remove_team_member(
            principal=caller(request),
            organization_id=organization_id,
            team_id=team_id,
            account_id=account_id,
        )
        return Response(status=204)


def _members(page: list[models.Membership]) -> list[dict[str, Any]]:
    return MemberOut.render_all(members.with_emails(page))


def _team(request: Request, team: models.Team, *, status: int = 200) -> Response:
    return single(request, TeamOut.render(team), tag=teams.tag_of(team), status=status)
