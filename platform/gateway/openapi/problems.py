"""Which problems an operation can answer, and how the document shows them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiResponse
from rest_framework.views import APIView

from domains.auth import interface as auth
from domains.users import interface as users
from gateway import bodies, credentials, policies, principals, repeats, tokens
from gateway.errors import (
    CONTENT_TYPE,
    ExpectationUnmet,
    HeadersTooLarge,
    InternalError,
    RequestLineTooLong,
    RequestUnreadable,
    TransferCodingUnsupported,
    status_of,
)
from gateway.limits import LimitExceeded
from kernel import idempotency
from kernel.errors import DomainError, Invalid, PreconditionFailed, Unavailable, ValidationFailed
from kernel.rest import Body, Operation, Public
from kernel.rest.declarations import UNSAFE
from kernel.rest.etags import EntityTagsMalformed
from kernel.rest.pagination import CursorInvalid, ParameterInvalid

Problems = tuple[type[DomainError], ...]

# Before it is known which operation is asked for.
UNREADABLE: Problems = (RequestUnreadable, RequestLineTooLong, HeadersTooLarge, ExpectationUnmet)
ANY: Problems = (
    *UNREADABLE,
    policies.PathMalformed,
    LimitExceeded,
    InternalError,
    Unavailable,
)
SIGNED_IN: Problems = (
    credentials.CredentialsMissing,
    credentials.CredentialsMalformed,
    tokens.TokenInvalid,
    principals.SessionEnded,
    principals.OrganizationIdMalformed,
    auth.ApiKeyInvalid,
    users.OrganizationNotFound,
)
STEPPED_UP: Problems = (auth.SessionRequired, auth.StepUpRequired, auth.ImpersonationForbids)
WITH_BODY: Problems = (bodies.LengthRequired, bodies.BodyTooLarge, TransferCodingUnsupported)
WITH_JSON: Problems = (bodies.ContentTypeUnsupported, bodies.JSONInvalid, bodies.JSONTooComplex)
WITH_KEY: Problems = (
    repeats.KeyMalformed,
    idempotency.KeyInUse,
    idempotency.ClaimLost,
    idempotency.KeyReused,
)

_ORIGIN = "https://api.example"
_TEXT = {"type": "string"}
_ITEM = {
    "type": "object",
    "required": ["pointer", "code", "detail"],
    "properties": {
        "pointer": {"type": "string", "description": "JSON pointer into the body (RFC 6901)"},
        "code": _TEXT,
        "detail": _TEXT,
    },
}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "A problem document (RFC 9457).",
    "required": ["type", "title", "status", "detail", "instance", "code", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri", "description": "A page about the code"},
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": _TEXT,
        "instance": {"type": "string", "format": "uri-reference"},
        "code": {"type": "string", "description": "What programs tell problems apart by"},
        "request_id": _TEXT,
        "errors": {"type": "array", "items": _ITEM, "description": "With 422"},
    },
}


def responses(
    view: APIView, method: str, described: Operation, reference: dict[str, str]
) -> dict[tuple[str, str], OpenApiResponse]:
    """Return the responses of all problems that the operation can answer, by status."""
    by_status: dict[int, dict[str, type[DomainError]]] = {}
    for kind in _problems_of(view, method, described):
        by_status.setdefault(status_of(kind), {})[kind.code] = kind
    return {
        (str(status), CONTENT_TYPE): OpenApiResponse(
            response=reference,
            description="; ".join(kind.title for kind in kinds.values()),
            examples=[_example(kind) for kind in kinds.values()],
        )
        for status, kinds in sorted(by_status.items())
    }


def _problems_of(view: APIView, method: str, described: Operation) -> Iterator[type[DomainError]]:
    body: Body = getattr(view, "body", Body())
    yield from described.problems
    yield from ANY
    if Public not in view.permission_classes:
        yield from SIGNED_IN
    if method in getattr(view, "step_up", ()):
        yield from STEPPED_UP
    if method in UNSAFE:
        yield from _problems_with(body)
    if described.request:
        yield ValidationFailed
    if described.listing:
        yield from (ParameterInvalid, CursorInvalid)
    if PreconditionFailed in described.problems:
        yield EntityTagsMalformed


def _problems_with(body: Body) -> Iterator[type[DomainError]]:
    yield from WITH_BODY
    if not body.streamed:
        yield from WITH_JSON
    elif "*/*" not in body.content_types:
        yield bodies.ContentTypeUnsupported
    if body.whole:
        yield bodies.BodyCutShort
    if body.repeatable:
        yield from WITH_KEY


def _example(kind: type[DomainError]) -> OpenApiExample:
    value: dict[str, Any] = {
        "type": f"{_ORIGIN}/api/docs/errors/{kind.code}",
        "title": kind.title,
        "status": status_of(kind),
        "detail": kind.title,
        "instance": "/api/v1/…",
        "code": kind.code,
        "request_id": "0199f3c2-6f1e-7c3a-9d0b-3f5f1f0f7a11",
    }
    if issubclass(kind, Invalid):
        value["errors"] = [{"pointer": "", "code": kind.code, "detail": kind.title}]
    return OpenApiExample(kind.code, value=value, summary=kind.title)
