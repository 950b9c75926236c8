"""The headers that every answer has, and the policies that pages run under."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import http_date

from gateway.credentials import Credentials, of_request
from gateway.entry import is_staff_path
from gateway.limits import Count
from kernel.context import RequestContext
from kernel.errors import DomainError
from kernel.rest import Retirement

CSP = "Content-Security-Policy"
# A JSON answer opened as a page may do nothing at all.
NO_PAGE = "default-src 'none'; frame-ancestors 'none'"
DOCS_PAGE = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
# django-unfold's Alpine.js evaluates its attributes, and its templates and charts set styles.
STAFF_PAGE = (
    "default-src 'none'; script-src 'self' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
_HSTS = "max-age=31536000; includeSubDomains"


def complete(request: HttpRequest, response: HttpResponseBase, context: RequestContext) -> None:
    """Add what is missing; a view's own `Cache-Control` and policies stand."""
    headers = response.headers
    headers["X-Request-Id"] = context.request_id
    headers["traceparent"] = context.traceparent
    headers["X-Content-Type-Options"] = "nosniff"
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cache-Control", "no-store")
    headers.setdefault(CSP, STAFF_PAGE if is_staff_path(request.path_info) else NO_PAGE)
    if _impersonated(request):
        headers["Impersonated-By"] = "staff"
    # Pages of listed origins may send the one cookie there is, where it is asked for.
    if "Access-Control-Allow-Origin" in headers and _asks_for_cookie(request):
        headers["Access-Control-Allow-Credentials"] = "true"
    if settings.HTTPS:
        headers["Strict-Transport-Security"] = _HSTS
    if isinstance(response, HttpResponse):
        headers.setdefault("Content-Length", str(len(response.content)))
    retirement: Retirement | None = getattr(request, "retirement", None)
    if retirement:
        headers["Deprecation"] = f"@{int(retirement.deprecated.timestamp())}"
        headers["Sunset"] = http_date(retirement.sunset.timestamp())
    counts: list[Count] = getattr(request, "limits", [])
    if counts:
        headers["RateLimit-Policy"] = ", ".join(count.policy for count in counts)
        headers["RateLimit"] = ", ".join(count.state for count in counts)


def _impersonated(request: HttpRequest) -> bool:
    """Return whether staff ask as somebody else, whatever the answer is."""
    shown = request.credentials if hasattr(request, "credentials") else _unasked(request)
    return bool(shown and shown.token and shown.token.impersonator_id)


def _unasked(request: HttpRequest) -> Credentials | None:
    """Return what was shown where nobody asks for it: to a public path, or to none at all."""
    try:
        return of_request(request)
    except DomainError:
        return None


def _asks_for_cookie(request: HttpRequest) -> bool:
    return "cookie=1" in request.META.get("QUERY_STRING", "").split("&")
