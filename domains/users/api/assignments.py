"""HTTP in and out: which members and teams have roles besides."""

from __future__ import annotations

from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from domains.users.api import examples_roles as examples
from domains.users.api.serializers import RoleIn
from domains.users.api.serializers_roles import AssignmentIn, AssignmentOut
from domains.users.contract.errors import (
    AssignmentLimitReached,
    AssignmentNotFound,
    MemberAboveOwn,
    MemberNotFound,
    OrganizationNotFound,
    RoleAboveOwn,
    RoleNotFound,
    TeamNotFound,
)
from domains.users.services import assignments
from kernel.errors import Forbidden
from kernel.rest import Filter, Listing, caller, operation, paginate, single

NEWEST_FIRST = Listing(
    sort=("-id", "id"),
    filters={
        "account": Filter(serializers.UUIDField(), "membership__account_id", "To this member"),
        "team": Filter(serializers.UUIDField(), "team_id", "To this team"),
        "role": Filter(RoleIn(), "key", "Of this role"),
    },
)


class Assignments(APIView):
    """The roles that members and teams have besides the members' own."""

    @operation(
        "listRoleAssignments",
        "List which members and teams have which roles besides",
        response=AssignmentOut,
        listing=NEWEST_FIRST,
        response_example=examples.ASSIGNMENT,
        problems=(OrganizationNotFound, Forbidden),
    )
    def get(self, request: Request, organization_id: UUID) -> Response:
        rows = assignments.list_assignments(
            principal=caller(request), organization_id=organization_id
        )
        return Response(paginate(request, rows, listing=NEWEST_FIRST, represent=AssignmentOut))

    @operation(
        "assignRole",
        "Give a role to a member or a team, everywhere or in one team",
        description="It counts from the next request on. Who has the role there already keeps it: "
        "the answer is the same assignment.",
        request=AssignmentIn,
        response=AssignmentOut,
        status=201,
        request_example=examples.NEW_ASSIGNMENT,
        response_example=examples.ASSIGNMENT,
        problems=(
            OrganizationNotFound,
            Forbidden,
            MemberNotFound,
            TeamNotFound,
            RoleNotFound,
            RoleAboveOwn,
            AssignmentLimitReached,
        ),
    )
    def post(self, request: Request, organization_id: UUID) -> Response:
        row = assignments.assign_role(
            principal=caller(request),
            organization_id=organization_id,
            **AssignmentIn.parse(request),
        )
        return single(request, AssignmentOut.render(row), status=201)


class Assignment(APIView):
    """One role that a member or a team has besides."""

    @operation(
        "unassignRole",
        "Take a role from a member or a team, from their next request on",
        status=204,
        problems=(OrganizationNotFound, AssignmentNotFound, Forbidden, MemberAboveOwn),
    )
    def delete(self, request: Request, organization_id: UUID, assignment_id: UUID) -> Response:
        assignments.unassign_role(
            principal=caller(request),
            organization_id=organization_id,
            assignment_id=assignment_id,
        )
        return Response(status=204)
