"""HTTP in and out: closing an organization, and opening it again."""

from __future__ import annotations

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from domains.auth import interface as auth
from domains.users.api import examples
from domains.users.api.organizations import single_organization
from domains.users.api.serializers_organizations import OrganizationOut
from domains.users.contract.errors import (
    NotClosed,
    OrganizationClosed,
    OrganizationNotFound,
    PersonalOrganization,
)
from domains.users.services import closing
from kernel.clock import now
from kernel.errors import Forbidden
from kernel.rest import caller, operation


class Closing(APIView):
    """Closing an organization."""

    step_up = frozenset({"POST"})

    @operation(
        "closeOrganization",
        "Close an organization",
        description="Members may see it and do nothing in it. After thirty days it is erased.",
        response=OrganizationOut,
        response_example=examples.CLOSED_ORGANIZATION,
        problems=(OrganizationNotFound, Forbidden, PersonalOrganization, OrganizationClosed),
    )
    def post(self, request: Request, organization_id: UUID) -> Response:
        closed = closing.close_organization(
            principal=caller(request), organization_id=organization_id, now=now()
        )
        return single_organization(request, closed)


class Reopening(APIView):
    """Opening a closed organization again."""

    @operation(
        "reopenOrganization",
        "Open a closed organization again",
        response=OrganizationOut,
        response_example=examples.ORGANIZATION,
        problems=(auth.SessionRequired, OrganizationNotFound, Forbidden, NotClosed),
    )
    def post(self, request: Request, organization_id: UUID) -> Response:
        opened = closing.reopen_organization(
            principal=caller(request), organization_id=organization_id
        )
        return single_organization(request, opened)
