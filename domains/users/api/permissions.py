"""HTTP in and out: the catalogue of permissions, and why somebody has one."""

from __future__ import annotations

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from domains.auth import interface as auth
from domains.users.api import examples_roles as examples
from domains.users.api.serializers_roles import ExplanationOut, PermissionsOut
from domains.users.contract.errors import MemberNotFound, PermissionUnknown, TeamNotFound
from domains.users.services import explanation, roles
from kernel.errors import Forbidden
from kernel.rest import Filter, Listing, caller, operation, parameter, single

ASKED = Listing(
    filters={
        "permission": Filter(serializers.CharField(max_length=100), None),
        "account": Filter(serializers.UUIDField(), None),
        "team": Filter(serializers.UUIDField(), None),
    }
)


class Permissions(APIView):
    """Everything that a role may allow."""

    @operation(
        "listPermissions",
        "List every permission, and the built-in roles that hold it",
        response=PermissionsOut,
        response_example=examples.PERMISSIONS,
    )
    def get(self, request: Request) -> Response:
        catalogue = roles.list_permissions()
        return single(request, PermissionsOut.render({"data": catalogue, "next_cursor": None}))


class Explanation(APIView):
    """Whether somebody may do something in the current organization, and why."""

    @operation(
        "explainPermission",
        "Say whether somebody may do something, and by which roles",
        description="In the current organization. Everybody may ask about themselves, about "
        "others those who may see roles.",
        query={
            "permission": "The name of the permission; required.",
            "account": "The member it is about; by default the caller.",
            "team": "The team in which it would be done; by default none.",
        },
        response=ExplanationOut,
        response_example=examples.EXPLANATION,
        problems=(
            Forbidden,
            PermissionUnknown,
            MemberNotFound,
            TeamNotFound,
            auth.SessionRequired,
        ),
    )
    def get(self, request: Request) -> Response:
        explained = explanation.explain(
            principal=caller(request),
            permission=parameter(request, "permission", listing=ASKED) or "",
            account_id=parameter(request, "account", listing=ASKED),
            team_id=parameter(request, "team", listing=ASKED),
        )
        return single(request, ExplanationOut.render(explained))
