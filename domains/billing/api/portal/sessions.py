"""HTTP in and out: a link to the customers' page."""

from __future__ import annotations

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from domains.auth import interface as auth
from domains.billing.contract.portal import ReturnUrlNotAllowed
from domains.billing.services.portal import visiting
from kernel import clock
from kernel.errors import Forbidden
from kernel.rest import Serializer, TimestampField, caller, operation

_DESCRIPTION = """
The page shows the current organization's plan, payment methods and invoices, and takes a
cancellation. Its link is a secret: whoever has it may do there what you may. It holds for half an
hour, and no longer than your session; redirect your browser to it at once.
"""


class PortalSessionIn(Serializer):
    """Where the page leads back to."""

    return_url = serializers.URLField(
        max_length=500,
        required=False,
        default="",
        help_text="Of FRONTEND_URL or one of CORS_ALLOWED_ORIGINS; left out: FRONTEND_URL.",
    )


class PortalSessionOut(Serializer):
    """A link to the page."""

    url = serializers.URLField()
    expires_at = TimestampField()


class PortalSessions(APIView):
    """Links to the customers' page."""

    step_up = frozenset({"POST"})

    @operation(
        "openPortalSession",
        "Get a link to a page on which people look after billing",
        description=_DESCRIPTION,
        request=PortalSessionIn,
        response=PortalSessionOut,
        status=201,
        request_example={"return_url": "https://app.example/settings/billing"},
        response_example={
            "url": "https://api.example/billing/portal/open/eyJpZCI6IjAx…",
            "expires_at": "2026-03-01T12:30:00Z",
        },
        problems=(auth.SessionRequired, Forbidden, ReturnUrlNotAllowed),
    )
    def post(self, request: Request) -> Response:
        opened = visiting.open_session(
            principal=caller(request),
            return_url=PortalSessionIn.parse(request)["return_url"],
            now=clock.now(),
        )
        return Response(PortalSessionOut.render(opened), status=201)
