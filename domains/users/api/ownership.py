"""HTTP in and out: handing the ownership to another member."""

from __future__ import annotations

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from domains.auth import interface as auth
from domains.users.api import examples
from domains.users.api.organizations import single_organization
from domains.users.api.serializers_organizations import (
    OrganizationOut,
    OwnershipTransferIn,
    OwnershipTransferOut,
)
from domains.users.contract.errors import (
    MemberNotFound,
    OrganizationClosed,
    OrganizationNotFound,
    OwnershipTransferExpired,
    OwnershipTransferNotFound,
    PersonalOrganization,
    RoleAboveOwn,
)
from domains.users.services import ownership
from kernel.clock import now
from kernel.errors import Forbidden, Invalid
from kernel.rest import caller, operation, single


class OwnershipTransfer(APIView):
    """The one open offer of an organization's ownership."""

    step_up = frozenset({"POST"})

    @operation(
        "getOwnershipTransfer",
        "Show the open offer of the ownership",
        response=OwnershipTransferOut,
        response_example=examples.OWNERSHIP_TRANSFER,
        problems=(
            auth.SessionRequired,
            OrganizationNotFound,
            Forbidden,
            OwnershipTransferNotFound,
        ),
    )
    def get(self, request: Request, organization_id: UUID) -> Response:
        found = ownership.get_offer(principal=caller(request), organization_id=organization_id)
        return single(request, OwnershipTransferOut.render(found))

    @operation(
        "offerOwnership",
        "Offer the ownership to another member",
        description="Whoever offers it becomes an admin once it is accepted. An open offer ends.",
        request=OwnershipTransferIn,
        response=OwnershipTransferOut,
        status=201,
        request_example={"account_id": examples.MEMBER_ID},
        response_example=examples.OWNERSHIP_TRANSFER,
        problems=(
            OrganizationNotFound,
            Forbidden,
            RoleAboveOwn,
            MemberNotFound,
            Invalid,
            PersonalOrganization,
            OrganizationClosed,
        ),
    )
    def post(self, request: Request, organization_id: UUID) -> Response:
        offered = ownership.offer_ownership(
            principal=caller(request),
            organization_id=organization_id,
            account_id=OwnershipTransferIn.parse(request)["account_id"],
            now=now(),
        )
        return single(request, OwnershipTransferOut.render(offered), status=201)

    @operation(
        "endOwnershipTransfer",
        "Withdraw the offer of the ownership, or decline it",
        status=204,
        problems=(
            auth.SessionRequired,
            OrganizationNotFound,
            Forbidden,
            OwnershipTransferNotFound,
        ),
    )
    def delete(self, request: Request, organization_id: UUID) -> Response:
        ownership.end_own_offer(principal=caller(request), organization_id=organization_id)
        return Response(status=204)


class OwnershipAcceptance(APIView):
    """Taking up the ownership that one was offered."""

    step_up = frozenset({"POST"})

    @operation(
        "acceptOwnership",
        "Accept the ownership",
        response=OrganizationOut,
        response_example=examples.ORGANIZATION,
        problems=(OrganizationNotFound, OwnershipTransferNotFound, OwnershipTransferExpired),
    )
    def post(self, request: Request, organization_id: UUID) -> Response:
        membership = ownership.accept_ownership(
            principal=caller(request), organization_id=organization_id, now=now()
        )
        return single_organization(request, membership)
