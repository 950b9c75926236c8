"""Requests that change something: one commit for effect and answer, and repeats by key."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from gateway.policies import Policy
from kernel import clock, idempotency
from kernel.db import AnswerScope, answer_scope
from kernel.errors import Malformed
from kernel.idempotency import Answer, Claim
from kernel.rest.declarations import UNSAFE

# The draft's form is a quoted string (RFC 8941, 3.3.3); a bare one is as good.
_KEY = re.compile(
    r'"(?P<quoted>[\x20\x21\x23-\x5b\x5d-\x7e]{1,255})"|(?P<bare>[\x21\x23-\x7e]{1,255})'
)
_SERVER_ERROR = 500
_CLIENT_ERROR = 400

Call = Callable[[], HttpResponseBase]


class KeyMalformed(Malformed):
    code = "gateway.idempotency_key_malformed"
    title = "The Idempotency-Key can't be read"


def perform(request: HttpRequest, policy: Policy, *, subject: str, call: Call) -> HttpResponseBase:
    """Return the view's answer, or the stored one of a request that is repeated.

    Raises `KeyMalformed`, and what `kernel.idempotency.claim` and `record` raise.
    """
    if request.method not in UNSAFE or policy.domain is None:
        return call()
    key = _key(request)
    if key is None or not policy.body.repeatable:
        return _run(policy.domain, call, None)
    found = idempotency.claim(
        alias=policy.domain, scope=subject, key=key, request=_identity(request), now=clock.now()
    )
    if isinstance(found, Answer):
        return _replay(found)
    try:
        response = _run(policy.domain, call, found)
    except BaseException:
        idempotency.release(found)
        raise
    if not _settled(response):
        idempotency.release(found)
    return response


def _run(alias: str, call: Call, claim: Claim | None) -> HttpResponseBase:
    with answer_scope(alias) as scope:
        response = call()
        if response.status_code >= _SERVER_ERROR:
            scope.fail()
        elif claim and _is_final(response, scope) and isinstance(response, HttpResponse):
            idempotency.record(claim, _stored(response))
            response.answer_is_stored = True  # type: ignore[attr-defined]
    return response


def _is_final(response: HttpResponseBase, scope: AnswerScope) -> bool:
    """Return whether a repeat must not run: something was changed, or has succeeded."""
    return scope.effect is not None or response.status_code < _CLIENT_ERROR


def _settled(response: HttpResponseBase) -> bool:
    return getattr(response, "answer_is_stored", False)


def _key(request: HttpRequest) -> str | None:
    header = request.META.get("HTTP_IDEMPOTENCY_KEY")
    if header is None:
        return None
    match = _KEY.fullmatch(header.strip())
    if match is None:
        raise KeyMalformed("It is 1 to 255 printable characters.")
    return match["quoted"] or match["bare"]


def _identity(request: HttpRequest) -> bytes:
    organization = request.META.get("HTTP_ORGANIZATION_ID", "")
    head = f"{request.method} {request.get_full_path()} {organization}\n"
    return head.encode() + request.body


def _stored(response: HttpResponse) -> Answer:
    return Answer(
        status=response.status_code,
        headers=dict(response.items()) | _cookies(response),
        body=response.content.decode(),
    )


def _cookies(response: HttpResponse) -> dict[str, str]:
    written = "; ".join(morsel.OutputString() for morsel in response.cookies.values())
    return {"Set-Cookie": written} if written else {}


def _replay(answer: Answer) -> HttpResponse:
    headers = dict(answer.headers)
    cookies = headers.pop("Set-Cookie", "")
    response = HttpResponse(answer.body, status=answer.status, headers=headers)
    response.cookies.load(cookies)
    response["Idempotency-Replayed"] = "true"
    return response
