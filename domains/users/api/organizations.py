"""HTTP in and out: organizations."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from domains.auth import interface as auth
from domains.users.api import examples
from domains.users.api.serializers_organizations import (
    OrganizationChange,
    OrganizationIn,
    OrganizationOut,
)
from domains.users.contract.errors import (
    MembershipLimitReached,
    OrganizationNotFound,
    PersonalOrganization,
    SlugTaken,
)
from domains.users.models import SLUG_LENGTH, Membership
from domains.users.services import founding, organizations
from kernel.errors import Forbidden, PreconditionFailed
from kernel.principal import Principal
from kernel.rest import Filter, Listing, caller, if_match, operation, paginate, single

MINE = Listing(
    sort=("id", "-id"),
    filters={
        "slug": Filter(
            serializers.CharField(max_length=SLUG_LENGTH),
            "organization__slug",
            "The organization of this slug alone",
        )
    },
)


class Organizations(APIView):
    """The organizations that the caller belongs to."""

    @operation(
        "listOrganizations",
        "List the organizations that one belongs to",
        response=OrganizationOut,
        listing=MINE,
        response_example=examples.ORGANIZATION,
        problems=(auth.SessionRequired,),
    )
    def get(self, request: Request) -> Response:
        principal = caller(request)
        rows = organizations.list_memberships(principal=principal)
        page = paginate(request, rows, listing=MINE, represent=partial(seen_by, principal))
        return Response(page)

    @operation(
        "createOrganization",
        "Found an organization and own it",
        request=OrganizationIn,
        response=OrganizationOut,
        status=201,
        request_example={"name": "Analytical Engines"},
        response_example=examples.ORGANIZATION,
        problems=(auth.SessionRequired, MembershipLimitReached),
    )
    def post(self, request: Request) -> Response:
        founded = founding.found_organization(
            principal=caller(request), **OrganizationIn.parse(request)
        )
        return single_organization(request, founded, status=201)


class Organization(APIView):
    """One organization that the caller belongs to."""

    @operation(
        "getOrganization",
        "Show an organization",
        response=OrganizationOut,
        response_example=examples.ORGANIZATION,
        problems=(OrganizationNotFound, Forbidden),
    )
    def get(self, request: Request, organization_id: UUID) -> Response:
        found = organizations.get_membership(
            principal=caller(request), organization_id=organization_id
        )
        return single_organization(request, found)

    @operation(
        "updateOrganization",
        "Change an organization's name, slug or logo",
        request=OrganizationChange,
        response=OrganizationOut,
        request_example={"name": "Difference Engines"},
        response_example={**examples.ORGANIZATION, "name": "Difference Engines"},
        problems=(
            OrganizationNotFound,
            Forbidden,
            PreconditionFailed,
            PersonalOrganization,
            SlugTaken,
        ),
    )
    def patch(self, request: Request, organization_id: UUID) -> Response:
        changed = organizations.update_organization(
            principal=caller(request),
            organization_id=organization_id,
            wanted=OrganizationChange.parse(request, partial=True),
            expected=if_match(request),
        )
        return single_organization(request, changed)


def seen_by(principal: Principal, rows: list[Membership]) -> list[dict[str, object]]:
    """Return the memberships as the caller sees them, with what bars this request from them."""
    barred = {id_: barrier.code for id_, barrier in principal.barred.items()}
    return [
        OrganizationOut.render(row) | {"barred": barred.get(row.organization_id)} for row in rows
    ]


def single_organization(request: Request, membership: Membership, *, status: int = 200) -> Response:
    """Return the organization as its member sees it."""
    [data] = seen_by(caller(request), [membership])
    return single(request, data, tag=organizations.tag_of(membership), status=status)
