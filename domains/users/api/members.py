"""HTTP in and out: the members of an organization."""

from __future__ import annotations

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from domains.users.api import examples
from domains.users.api.serializers import MemberOut
from domains.users.api.serializers_roles import MemberChange
from domains.users.contract.errors import (
    LastOwner,
    MemberAboveOwn,
    MemberNotFound,
    OrganizationNotFound,
    PersonalOrganization,
    RoleAboveOwn,
    RoleNotFound,
)
from domains.users.models import Membership
from domains.users.services import member_changes, members
from kernel.errors import Forbidden, PreconditionFailed
from kernel.rest import Listing, caller, if_match, operation, paginate, single

BY_JOINING = Listing(sort=("id", "-id"))


class Members(APIView):
    """The people of an organization."""

    @operation(
        "listMembers",
        "List an organization's members",
        response=MemberOut,
        listing=BY_JOINING,
        response_example=examples.MEMBER,
        problems=(OrganizationNotFound, Forbidden),
    )
    def get(self, request: Request, organization_id: UUID) -> Response:
        rows = members.list_members(principal=caller(request), organization_id=organization_id)
        return Response(paginate(request, rows, listing=BY_JOINING, represent=_members))


class Member(APIView):
    """One member."""

    @operation(
        "getMember",
        "Show a member",
        response=MemberOut,
        response_example=examples.MEMBER,
        problems=(OrganizationNotFound, MemberNotFound, Forbidden),
    )
    def get(self, request: Request, organization_id: UUID, account_id: UUID) -> Response:
        found = members.get_member(
            principal=caller(request), organization_id=organization_id, account_id=account_id
        )
        return _member(request, found)

    @operation(
        "updateMember",
        "Give a member another role, from their next request on",
        description="Nobody gives a role that allows more than they may, nor changes the role of "
        "somebody who may do more. Owners are made by owners, and one always stays.",
        request=MemberChange,
        response=MemberOut,
        request_example={"role": "admin"},
        response_example={**examples.MEMBER, "role": "admin"},
        problems=(
            OrganizationNotFound,
            MemberNotFound,
            Forbidden,
            RoleNotFound,
            RoleAboveOwn,
            MemberAboveOwn,
            LastOwner,
            PersonalOrganization,
            PreconditionFailed,
        ),
    )
    def patch(self, request: Request, organization_id: UUID, account_id: UUID) -> Response:
        changed = member_changes.change_role(
            principal=caller(request),
            organization_id=organization_id,
            account_id=account_id,
            role=MemberChange.parse(request, partial=True).get("role"),
            expected=if_match(request),
        )
        return _member(request, changed)

    @operation(
        "removeMember",
        "Remove a member, or leave",
        description="Their teams and further roles in the organization go with the membership. "
        "Whoever names themselves leaves, and needs no permission to.",
        status=204,
        problems=(
            OrganizationNotFound,
            MemberNotFound,
            Forbidden,
            MemberAboveOwn,
            LastOwner,
            PersonalOrganization,
        ),
    )
    def delete(self, request: Request, organization_id: UUID, account_id: UUID) -> Response:
        member_changes.remove_member(
            principal=caller(request), organization_id=organization_id, account_id=account_id
        )
        return Response(status=204)


def _members(rows: list[Membership]) -> list[dict[str, object]]:
    return MemberOut.render_all(members.with_emails(rows))


def _member(request: Request, listed: members.Listed) -> Response:
    return single(request, MemberOut.render(listed), tag=members.tag_of(listed))
