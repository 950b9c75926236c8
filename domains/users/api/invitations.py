"""HTTP in and out: invitations."""

from __future__ import annotations

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from domains.auth import interface as auth
from domains.users.api import examples
from domains.users.api.serializers import (
    AcceptanceIn,
    InvitationIn,
    InvitationOut,
    MembershipOut,
)
from domains.users.contract.errors import (
    AlreadyMember,
    EmailDomainNotAllowed,
    InvitationExpired,
    InvitationNotFound,
    InvitedAnotherAddress,
    MembershipLimitReached,
    OrganizationClosed,
    OrganizationNotFound,
    RoleAboveOwn,
    RoleNotFound,
    SeatLimitReached,
)
from domains.users.services import acceptance, invitations
from kernel.clock import now
from kernel.errors import Forbidden
from kernel.rest import (
    Listing,
    caller,
    operation,
    paginate,
    single,
)

INVITING = (
    OrganizationNotFound,
    Forbidden,
    OrganizationClosed,
    EmailDomainNotAllowed,
    RoleNotFound,
    RoleAboveOwn,
    AlreadyMember,
    SeatLimitReached,
    auth.SessionRequired,
)
ACCEPTING = (
    InvitationNotFound,
    auth.EmailNotVerified,
    InvitationExpired,
    OrganizationClosed,
    EmailDomainNotAllowed,
    SeatLimitReached,
    MembershipLimitReached,
    auth.SessionRequired,
)
NEWEST_FIRST = Listing(sort=("-id", "id"))


class Invitations(APIView):
    """The invitations into an organization that weren't accepted yet."""

    @operation(
        "listInvitations",
        "List an organization's open invitations, the expired ones too",
        response=InvitationOut,
        listing=NEWEST_FIRST,
        response_example=examples.INVITATION,
        problems=(OrganizationNotFound, Forbidden),
    )
    def get(self, request: Request, organization_id: UUID) -> Response:
        rows = invitations.list_invitations(
            principal=caller(request), organization_id=organization_id
        )
        return Response(paginate(request, rows, listing=NEWEST_FIRST, represent=InvitationOut))

    @operation(
        "createInvitation",
        "Invite somebody by e-mail, or renew the open invitation of that address",
        description="The mail that follows holds a token that is good for seven days. Members "
        "and open invitations take a seat of the plan each.",
        request=InvitationIn,
        response=InvitationOut,
        status=201,
        request_example=examples.INVITED,
        response_example=examples.INVITATION,
        problems=INVITING,
    )
    def post(self, request: Request, organization_id: UUID) -> Response:
        invitation = invitations.invite(
            principal=caller(request),
            organization_id=organization_id,
            now=now(),
            **InvitationIn.parse(request),
        )
        return single(request, InvitationOut.render(invitation), status=201)


class Invitation(APIView):
    """One open invitation."""

    @operation(
        "revokeInvitation",
        "Take an open invitation back",
        status=204,
        problems=(OrganizationNotFound, InvitationNotFound, Forbidden),
    )
    def delete(self, request: Request, organization_id: UUID, invitation_id: UUID) -> Response:
        invitations.revoke_invitation(
            principal=caller(request), organization_id=organization_id, invitation_id=invitation_id
        )
        return Response(status=204)


class Resending(APIView):
    """A mail that didn't arrive, or came to nothing."""

    @operation(
        "resendInvitation",
        "Renew an open invitation, expired or not, and send its mail again",
        description="It is good for seven days from now on, with a new token alone.",
        response=InvitationOut,
        response_example=examples.INVITATION,
        problems=(*INVITING, InvitationNotFound),
    )
    def post(self, request: Request, organization_id: UUID, invitation_id: UUID) -> Response:
        invitation = invitations.resend_invitation(
            principal=caller(request),
            organization_id=organization_id,
            invitation_id=invitation_id,
            now=now(),
        )
        return Response(InvitationOut.render(invitation))


class Acceptance(APIView):
    """Becoming a member."""

    @operation(
        "acceptInvitation",
        "Accept an invitation with the token of its mail",
        description="Only the invited address can accept, once it is verified. The same account "
        "may ask again: the answer is the membership.",
        request=AcceptanceIn,
        response=MembershipOut,
        request_example={"token": "Zk8u0yJ1m3QpV7rT5wXbN2cD4eF6gH8iJ0kL1mN2oP3"},
        response_example=examples.MEMBERSHIP,
        problems=(*ACCEPTING, InvitedAnotherAddress),
    )
    def post(self, request: Request) -> Response:
        membership = acceptance.accept_invitation(
            principal=caller(request), now=now(), **AcceptanceIn.parse(request)
        )
        return Response(MembershipOut.render(membership))


class OwnAcceptance(APIView):
    """Becoming a member by an invitation to one's own address."""

    @operation(
        "acceptOwnInvitation",
        "Accept an invitation to one's own verified address, without the token",
        description="The same account may ask again: the answer is the membership. One to another "
        "address is not found.",
        response=MembershipOut,
        response_example=examples.MEMBERSHIP,
        problems=ACCEPTING,
    )
    def post(self, request: Request, invitation_id: UUID) -> Response:
        membership = acceptance.accept_own_invitation(
            principal=caller(request), invitation_id=invitation_id, now=now()
        )
        return Response(MembershipOut.render(membership))
