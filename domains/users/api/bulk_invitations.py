"""HTTP in and out: inviting many at once by a CSV."""

from __future__ import annotations

from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from domains.auth import interface as auth
from domains.users.api import examples
from domains.users.contract.errors import (
    CharsetUnsupported,
    CsvInvalid,
    OrganizationClosed,
    OrganizationNotFound,
    TooManyRows,
)
from domains.users.services import bulk_invitations
from domains.users.services.invitation_csv import MOST_ROWS
from kernel.clock import now
from kernel.errors import Forbidden
from kernel.rest import Body, Limit, Serializer, caller, operation

CSV = "text/csv"
CHARSETS = frozenset({"", "utf-8", "utf8", "us-ascii"})
STATUSES = ["invited", "renewed", "refused"]


class InvitationRowOut(Serializer):
    """What became of one row."""

    row = serializers.IntegerField(
        source="row.number", help_text="Counted from 1 below the header, without empty lines."
    )
    email = serializers.CharField(source="row.email", help_text="As it was sent.")
    status = serializers.ChoiceField(STATUSES)
    invitation_id = serializers.UUIDField(
        source="answer.invitation.id", allow_null=True, default=None
    )
    code = serializers.CharField(
        source="answer.refusal.code",
        allow_null=True,
        default=None,
        help_text="Why it was refused: the code of the problem that a single invitation answers.",
    )
    detail = serializers.CharField(allow_null=True)


class InvitationRowsOut(Serializer):
    """Every row, in its order."""

    data = InvitationRowOut(many=True)  # type: ignore[assignment]  # a field


class BulkInvitations(APIView):
    """Invitations by the spreadsheet."""

    body = Body(max_bytes=262_144, content_types=frozenset({CSV}), whole=True)
    limits = (Limit(name="bulk-invitations", quota=20, window=60),)

    @operation(
        "createInvitationsInBulk",
        f"Invite up to {MOST_ROWS} people by a CSV",
        description="UTF-8 with a header: `email`, and `role` if not all are to be members. Each "
        "row is answered by itself, in its order, as `createInvitation` would answer it; seats are "
        "taken in that order until none is left. What can't be read as a whole invites nobody.",
        request={"type": "string"},
        response=InvitationRowsOut,
        request_example="email,role\ncharles@example.com,member\nada@example.com,admin\n",
        response_example=examples.INVITED_ROWS,
        problems=(
            OrganizationNotFound,
            Forbidden,
            OrganizationClosed,
            CsvInvalid,
            TooManyRows,
            CharsetUnsupported,
            auth.SessionRequired,
        ),
    )
    def post(self, request: Request, organization_id: UUID) -> Response:
        _require_utf8(request)
        answered = bulk_invitations.invite_by_csv(
            principal=caller(request),
            organization_id=organization_id,
            content=request._request.body,
            now=now(),
        )
        return Response(InvitationRowsOut.render({"data": answered}))


def _require_utf8(request: Request) -> None:
    charset = (request._request.content_params or {}).get("charset", "")
    if charset.lower() not in CHARSETS:
        raise CharsetUnsupported
