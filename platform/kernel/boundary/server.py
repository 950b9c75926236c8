"""The internal endpoint: where another process's call to a domain served here arrives."""

from __future__ import annotations

import logging
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from kernel import clock, context, scope
from kernel.boundary import protocol, replay, signing, travel
from kernel.boundary.codec import CannotDecode, encode_error
from kernel.boundary.operations import Operation, find
from kernel.errors import DomainError

logger = logging.getLogger(__name__)


class _Refused(Exception):
    """The call isn't carried out."""

    def __init__(self, status: HTTPStatus, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail


@csrf_exempt
def internal(request: HttpRequest, domain: str, function: str) -> HttpResponse:
    """Answer `POST /internal/<domain>/<function>` from a process that shares a key with this one.

    200 holds the result and 422 the domain's own error. Whoever has no key learns nothing: not
    even which functions there are.
    """
    try:
        body = _body(request)
        _authenticate(request, f"/internal/{domain}/{function}", body)
        operation = _operation(request, domain, function)
        return _carry_out(request, operation, body)
    except _Refused as refusal:
        return JsonResponse({"code": refusal.code, "detail": refusal.detail}, status=refusal.status)


def _body(request: HttpRequest) -> bytes:
    if request.method != "POST":
        raise _Refused(HTTPStatus.METHOD_NOT_ALLOWED, "kernel.not_a_post", "Calls are POSTs.")
    # Asked first, because these two cost nothing and the body does.
    timestamp = request.headers.get(signing.TIMESTAMP, "")
    if not signing.is_fresh(timestamp, now=clock.now()):
        raise _unsigned("The call isn't of this moment.")
    length = request.headers.get("Content-Length") or "0"
    if not length.isdecimal() or int(length) > protocol.MAX_BODY:
        raise _Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "kernel.too_large", "Too much at once.")
    return request.body


def _authenticate(request: HttpRequest, path: str, body: bytes) -> None:
    carried = travel.headers_among(request.headers)
    try:
        signing.verify(
            path=path, context=carried, body=body, headers=request.headers, now=clock.now()
        )
    except signing.BadSignature as error:
        raise _unsigned(str(error)) from error


def _unsigned(detail: str) -> _Refused:
    return _Refused(HTTPStatus.UNAUTHORIZED, "kernel.call_not_signed", detail)


def _operation(request: HttpRequest, domain: str, function: str) -> Operation:
    operation = find(domain, function)
    if operation is None:
        raise _Refused(
            HTTPStatus.NOT_FOUND, "kernel.no_such_function", "Nothing of that name here."
        )
    if not operation.idempotent and not replay.is_first(request.headers[signing.NONCE]):
        raise _Refused(HTTPStatus.CONFLICT, "kernel.call_replayed", "This call was made before.")
    return operation


def _carry_out(request: HttpRequest, operation: Operation, body: bytes) -> HttpResponse:
    try:
        carried = travel.from_headers(travel.headers_among(request.headers))
        arguments = operation.codec.decode_arguments(body)
    except (CannotDecode, ValueError) as error:
        raise _Refused(HTTPStatus.BAD_REQUEST, "kernel.call_malformed", str(error)) from error
    try:
        with context.use(carried), scope.use(None):
            result = operation.codec.encode_result(operation.function(**arguments))
    except DomainError as error:
        return _json(encode_error(error), protocol.REFUSED_BY_DOMAIN)
    except Exception as error:
        # Without the request's body: it may hold what no log may keep.
        logger.exception("%s failed", operation.path)
        detail = "The function failed; its process's log says how."
        raise _Refused(HTTPStatus.INTERNAL_SERVER_ERROR, "kernel.call_failed", detail) from error
    return _json(result, protocol.ANSWERED)


def _json(content: bytes, status: HTTPStatus) -> HttpResponse:
    return HttpResponse(content, status=status, content_type=protocol.JSON)
