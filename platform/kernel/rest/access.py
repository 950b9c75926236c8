"""Who may call a view: everybody signed in, or everybody.

The gateway has authenticated the caller before the view is entered; these classes carry its
finding into Django REST framework. Permissions in an organization are the services' business.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from kernel.principal import Principal

if TYPE_CHECKING:  # REST framework's views import this module while they are made
    from rest_framework.views import APIView

CHALLENGE = "Bearer"


def caller(request: Request) -> Principal:
    """Return who calls, typed; every view that is not `Public` has one."""
    return cast("Principal", request.user)


class GatewayAuthentication(BaseAuthentication):
    """Takes the principal that the gateway found."""

    def authenticate(self, request: Request) -> tuple[Principal, None] | None:
        """Return the principal as `request.user`, or None for an anonymous caller."""
        principal = getattr(request._request, "principal", None)
        return None if principal is None else (principal, None)

    def authenticate_header(self, request: Request) -> str:
        """Return the scheme that a 401 names (RFC 9110, 11.6.1)."""
        return CHALLENGE


class SignedIn(BasePermission):
    """The default: somebody is signed in."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Return whether the gateway found a principal."""
        return isinstance(request.user, Principal)


class Public(BasePermission):
    """Anonymous callers are welcome; credentials are not even looked at.

    `permission_classes = [Public]` on a view is also what tells the gateway.
    """

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Return True."""
        return True
