"""Every error as a problem document (RFC 9457): one form, whoever raised it."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any

import rest_framework.exceptions as drf
from django.conf import settings
from django.core import exceptions as django
from django.core.signals import got_request_exception
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from redis import RedisError
from rest_framework.utils.encoders import JSONEncoder

from gateway.bodies import BodyTooLarge, ContentTypeUnsupported, JSONInvalid
from gateway.credentials import CredentialsMissing
from gateway.policies import MethodNotAllowed, PathNotFound
from kernel import errors
from kernel.errors import DomainError
from kernel.rest.serializers import field_errors

log = logging.getLogger(__name__)

CONTENT_TYPE = "application/problem+json"


class HostNotAllowed(errors.Malformed):
    code = "gateway.host_not_allowed"
    title = "This host name isn't served here"


class RequestUnreadable(errors.Malformed):
    code = "gateway.request_unreadable"
    title = "This isn't a request of HTTP"


class RequestLineTooLong(errors.TooLarge):
    code = "gateway.request_line_too_long"
    title = "The path and the query are too long"


class HeadersTooLarge(errors.TooLarge):
    code = "gateway.headers_too_large"
    title = "The headers are too many or too long"


class ExpectationUnmet(errors.Unsupported):
    code = "gateway.expectation_unmet"
    title = "The Expect header asks for what isn't known here"


class TransferCodingUnsupported(errors.Unsupported):
    code = "gateway.transfer_coding_unsupported"
    title = "Bodies aren't taken in this transfer coding"


class InternalError(DomainError):
    """A mistake of ours; its story is in the log under the request's id."""

    code = "gateway.internal_error"
    title = "Something went wrong on our side"


_STATUS: dict[type[Exception], int] = {
    errors.Malformed: 400,
    errors.Unauthenticated: 401,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    MethodNotAllowed: 405,
    errors.Conflict: 409,
    errors.PreconditionFailed: 412,
    errors.TooLarge: 413,
    RequestLineTooLong: 414,
    errors.Unsupported: 415,
    ExpectationUnmet: 417,
    errors.Invalid: 422,
    errors.PreconditionRequired: 428,
    errors.TooMany: 429,
    HeadersTooLarge: 431,
    InternalError: 500,
    TransferCodingUnsupported: 501,
    errors.Unavailable: 503,
}
_AWAY = "Try again in a moment."
# Django's, REST framework's and the drivers' errors in our words; the first that fits counts.
_TRANSLATIONS: tuple[tuple[tuple[type[Exception], ...], Callable[[Any], DomainError]], ...] = (
    ((DomainError,), lambda error: error),
    ((Http404, drf.NotFound), lambda _: PathNotFound()),
    (
        (drf.ValidationError,),
        lambda error: errors.ValidationFailed(errors=tuple(field_errors(error.detail))),
    ),
    ((drf.MethodNotAllowed,), lambda _: MethodNotAllowed()),
    ((drf.UnsupportedMediaType,), lambda _: ContentTypeUnsupported()),
    ((drf.ParseError,), lambda _: JSONInvalid()),
    ((drf.NotAuthenticated, drf.AuthenticationFailed), lambda _: CredentialsMissing()),
    ((drf.PermissionDenied, django.PermissionDenied), lambda _: errors.Forbidden()),
    ((django.DisallowedHost,), lambda _: HostNotAllowed()),
    ((django.RequestDataTooBig,), lambda _: BodyTooLarge()),
    ((django.SuspiciousOperation, django.BadRequest), lambda _: errors.Malformed()),
    ((OperationalError, InterfaceError, RedisError), lambda _: errors.Unavailable(_AWAY)),
)


def exception_handler(error: Exception, context: Mapping[str, Any]) -> HttpResponse:
    """Answer an error that a view raised; REST framework's EXCEPTION_HANDLER."""
    return problem(error, context["request"]._request)


def problem(error: Exception, request: HttpRequest) -> HttpResponse:
    """Return the problem document of any error; what is our own mistake is logged."""
    known = _translate(error)
    status = status_of(type(known))
    if status >= 500 and not isinstance(error, DomainError):  # noqa: PLR2004  RFC 9110, 15.6
        _report(error, request)
    request.problem = known.code  # type: ignore[attr-defined]
    document = json.dumps(_document(known, status, request), cls=JSONEncoder)
    return HttpResponse(
        document, status=status, content_type=CONTENT_TYPE, headers=_headers(known, status, request)
    )


def status_of(kind: type[DomainError]) -> int:
    """Return the status of an error by its kind."""
    return next((_STATUS[base] for base in kind.__mro__ if base in _STATUS), 500)


def type_of(code: str) -> str:
    """Return the address of the page that explains the code."""
    return f"{settings.PUBLIC_URL}/api/docs/errors/{code}"


def _translate(error: Exception) -> DomainError:
    for kinds, translate in _TRANSLATIONS:
        if isinstance(error, kinds):
            return translate(error)
    return InternalError("Tell us the request_id if it stays.")


def _report(error: Exception, request: HttpRequest) -> None:
    got_request_exception.send(sender=None, request=request)
    log.error("Unhandled %s", type(error).__name__, exc_info=error)


def _document(error: DomainError, status: int, request: HttpRequest) -> dict[str, Any]:
    document = dict(error.details)
    if isinstance(error, errors.Invalid):
        document["errors"] = [vars(item) for item in _items(error)]
    return document | {
        "type": type_of(error.code),
        "title": error.title,
        "status": status,
        "detail": error.detail or error.title,
        "instance": request.path,
        "code": error.code,
        "request_id": getattr(request, "id", ""),
    }


def _items(error: errors.Invalid) -> tuple[errors.FieldError, ...]:
    if isinstance(error, errors.ValidationFailed):
        return error.errors
    detail = error.detail or error.title
    return (errors.FieldError(pointer=error.pointer or "", code=error.code, detail=detail),)


def _headers(error: DomainError, status: int, request: HttpRequest) -> dict[str, str]:
    headers = {"Cache-Control": "no-store"}
    retry_after = getattr(error, "retry_after", None)
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    if isinstance(error, MethodNotAllowed) and "allow" in error.details:
        headers["Allow"] = error.details["allow"]
    if status == 401:  # noqa: PLR2004  RFC 9110, 15.5.2
        reason = ', error="invalid_token"' if "HTTP_AUTHORIZATION" in request.META else ""
        headers["WWW-Authenticate"] = f'Bearer realm="tenon"{reason}'
    return headers
