"""The refresh token in a cookie, for browsers: `?cookie=1`.

No script can read it, and it goes to this host alone. Pages of other origins can't use it: the
browser keeps it to itself (SameSite), and who asks is checked all the same.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from domains.auth.contract.errors import OriginNotAllowed, RefreshTokenInvalid

NAME = "__Host-refresh"
QUERY = {
    "cookie": "`1`: the refresh token comes and goes in the cookie `__Host-refresh` alone. "
    "`Origin` must be the API's own or one of CORS_ALLOWED_ORIGINS."
}


class CookieFlow(APIView):
    """A view that takes or gives the cookie where it is asked for with `?cookie=1`."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Let nothing begin for a page that may not use the cookie."""
        super().initial(request, *args, **kwargs)
        require_origin(request)


def asked(request: Request) -> bool:
    """Return whether the refresh token is to travel in the cookie."""
    return bool(request.query_params.get("cookie") == "1")


def require_origin(request: Request) -> None:
    """Raise `OriginNotAllowed` unless the cookie isn't asked for, or a page of ours asks.

    Every browser that keeps a `__Host-` cookie sends Origin with what isn't a GET, so what comes
    without is refused.
    """
    if not asked(request):
        return
    public = urlsplit(settings.PUBLIC_URL)
    allowed = {f"{public.scheme}://{public.netloc}", *settings.CORS_ALLOWED_ORIGINS}
    if request.headers.get("Origin") not in allowed:
        raise OriginNotAllowed


def refresh_token_of(request: Request) -> str:
    """Return the refresh token in the cookie; raise `RefreshTokenInvalid` if there is none."""
    token = request.COOKIES.get(NAME)
    if not token:
        raise RefreshTokenInvalid("There is no such cookie.")
    return str(token)


def put(response: Response, refresh_token: str) -> None:
    """Have the browser keep the refresh token for as long as an unused session lives."""
    _set(response, refresh_token, seconds=int(settings.SESSION_IDLE.total_seconds()))


def clear(response: Response) -> None:
    """Have the browser forget the refresh token."""
    _set(response, "", seconds=0)


def _set(response: Response, value: str, *, seconds: int) -> None:
    response.set_cookie(
        NAME, value, max_age=seconds, path="/", secure=True, httponly=True, samesite="Strict"
    )
