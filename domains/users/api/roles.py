"""HTTP in and out: the organization's own roles."""

from __future__ import annotations

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from domains.users import models
from domains.users.api import examples_roles as examples
from domains.users.api.serializers_roles import CustomRoleIn, CustomRoleOut
from domains.users.contract.errors import (
    OrganizationNotFound,
    PermissionUnknown,
    RoleAboveOwn,
    RoleInUse,
    RoleLimitReached,
    RoleNameTaken,
    RoleNotFound,
)
from domains.users.services import custom_roles
from kernel.errors import Forbidden, PreconditionFailed
from kernel.rest import Listing, caller, if_match, operation, paginate, single

BY_NAME = Listing(sort=("name", "-name", "id", "-id"))


class Roles(APIView):
    """The roles that an organization made for itself."""

    @operation(
        "listRoles",
        "List an organization's own roles",
        description="The built-in ones are in the catalogue of permissions.",
        response=CustomRoleOut,
        listing=BY_NAME,
        response_example=examples.ROLE,
        problems=(OrganizationNotFound, Forbidden),
    )
    def get(self, request: Request, organization_id: UUID) -> Response:
        rows = custom_roles.list_roles(principal=caller(request), organization_id=organization_id)
        return Response(paginate(request, rows, listing=BY_NAME, represent=CustomRoleOut))

    @operation(
        "createRole",
        "Make a role of permissions that one holds",
        request=CustomRoleIn,
        response=CustomRoleOut,
        status=201,
        request_example=examples.NEW_ROLE,
        response_example=examples.ROLE,
        problems=(
            OrganizationNotFound,
            Forbidden,
            PermissionUnknown,
            RoleAboveOwn,
            RoleNameTaken,
            RoleLimitReached,
        ),
    )
    def post(self, request: Request, organization_id: UUID) -> Response:
        made = custom_roles.create_role(
            principal=caller(request),
            organization_id=organization_id,
            **CustomRoleIn.parse(request),
        )
        return _role(request, made, status=201)


class Role(APIView):
    """One role of the organization's own."""

    @operation(
        "getRole",
        "Show a role",
        response=CustomRoleOut,
        response_example=examples.ROLE,
        problems=(OrganizationNotFound, RoleNotFound, Forbidden),
    )
    def get(self, request: Request, organization_id: UUID, role_id: UUID) -> Response:
        found = custom_roles.get_role(
            principal=caller(request), organization_id=organization_id, role_id=role_id
        )
        return _role(request, found)

    @operation(
        "updateRole",
        "Change a role for all who have it, from their next request on",
        description="Only who holds all of its permissions may, the former and the new ones.",
        request=CustomRoleIn,
        response=CustomRoleOut,
        request_example={"permissions": ["users.member:read"]},
        response_example={**examples.ROLE, "permissions": ["users.member:read"]},
        problems=(
            OrganizationNotFound,
            RoleNotFound,
            Forbidden,
            PermissionUnknown,
            RoleAboveOwn,
            RoleNameTaken,
            PreconditionFailed,
        ),
    )
    def patch(self, request: Request, organization_id: UUID, role_id: UUID) -> Response:
        changed = custom_roles.update_role(
            principal=caller(request),
            organization_id=organization_id,
            role_id=role_id,
            wanted=CustomRoleIn.parse(request, partial=True),
            expected=if_match(request),
        )
        return _role(request, changed)

    @operation(
        "deleteRole",
        "Delete a role that nobody has",
        status=204,
        problems=(OrganizationNotFound, RoleNotFound, Forbidden, RoleAboveOwn, RoleInUse),
    )
    def delete(self, request: Request, organization_id: UUID, role_id: UUID) -> Response:
        custom_roles.delete_role(
            principal=caller(request), organization_id=organization_id, role_id=role_id
        )
        return Response(status=204)


def _role(request: Request, role: models.CustomRole, *, status: int = 200) -> Response:
    return single(request, CustomRoleOut.render(role), tag=custom_roles.tag_of(role), status=status)
