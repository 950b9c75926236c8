"""HTTP in and out: what an organization asks of its members."""

from __future__ import annotations

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from domains.users.api import examples
from domains.users.api.serializers_policy import PolicyIn
from domains.users.contract.errors import (
    OrganizationNotFound,
    PersonalOrganization,
    PolicyLocksOut,
)
from domains.users.models import Organization
from domains.users.services import policy
from kernel.clock import now
from kernel.errors import Forbidden, PreconditionFailed
from kernel.rest import caller, if_match, operation, single


class Policy(APIView):
    """The policy of one organization; setting it takes fresh proof."""

    step_up = frozenset({"PATCH"})

    @operation(
        "getOrganizationPolicy",
        "Show what an organization asks of its members",
        response=PolicyIn,
        response_example=examples.POLICY,
        problems=(OrganizationNotFound, Forbidden),
    )
    def get(self, request: Request, organization_id: UUID) -> Response:
        found = policy.get_policy(principal=caller(request), organization_id=organization_id)
        return _single(request, found)

    @operation(
        "setOrganizationPolicy",
        "Set what an organization asks of its members",
        description="It counts from the next request on. One that the caller's own request "
        "wouldn't pass is refused; `barrier` says by what.",
        request=PolicyIn,
        response=PolicyIn,
        request_example={"mfa_required": True, "session_lifetime": 28800},
        response_example=examples.POLICY,
        problems=(
            OrganizationNotFound,
            Forbidden,
            PreconditionFailed,
            PersonalOrganization,
            PolicyLocksOut,
        ),
    )
    def patch(self, request: Request, organization_id: UUID) -> Response:
        changed = policy.set_policy(
            principal=caller(request),
            organization_id=organization_id,
            wanted=PolicyIn.parse(request, partial=True),
            expected=if_match(request),
            now=now(),
        )
        return _single(request, changed)


def _single(request: Request, organization: Organization) -> Response:
    return single(request, PolicyIn.render(organization), tag=policy.tag_of(organization))
