"""The pages for people: the API's reference, and what each problem means."""

from __future__ import annotations

from http import HTTPStatus

from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string

from gateway import headers
from gateway.errors import status_of
from gateway.openapi.document import served
from kernel.errors import DomainError, by_code
from kernel.preconditions import entity_tag

CACHED = "public, max-age=300"
# What each status asks of the caller, where the title does not say it.
ADVICE = {
    400: "The request is broken: change the program that made it.",
    401: "Get a new access token (POST /api/v1/auth/refresh or /login) and repeat the request.",
    403: "Ask an owner or administrator of the organization for the permission.",
    404: "Check the id, and whether it belongs to an organization that you are a member of.",
    405: "The Allow header says which methods this path takes.",
    409: "Read the present state, and decide anew.",
    412: "Read the resource again and repeat the change with its new ETag in If-Match.",
    413: "Send less.",
    414: "Send less in the path and the query.",
    415: "Send the content type that the reference names.",
    417: "Leave the Expect header out.",
    422: "The member errors says by JSON pointers what is wrong: correct it and repeat.",
    428: "Read the resource and send its ETag in If-Match.",
    429: "Wait for as many seconds as Retry-After says, then go on slower.",
    431: "Send fewer headers, or shorter ones.",
    500: "Repeat it later; if it stays, tell us the request_id.",
    501: "Send the body as it is, with its Content-Length.",
    503: "Wait for as many seconds as Retry-After says, then repeat it.",
}


def openapi(request: HttpRequest) -> HttpResponse:
    """Return the OpenAPI document."""
    content = served()
    tag = entity_tag(content)
    if request.headers.get("If-None-Match") == tag:
        return HttpResponse(status=304, headers={"ETag": tag, "Cache-Control": CACHED})
    return HttpResponse(
        content, content_type="application/json", headers={"ETag": tag, "Cache-Control": CACHED}
    )


def reference(_request: HttpRequest) -> HttpResponse:
    """Return the browsable reference."""
    return _page("reference.html", {})


def problems(_request: HttpRequest) -> HttpResponse:
    """Return the list of all problems."""
    kinds = sorted(by_code.values(), key=lambda kind: kind.code)
    return _page("problems.html", {"problems": [_described(kind) for kind in kinds]})


def problem(_request: HttpRequest, code: str) -> HttpResponse:
    """Return the page that a problem's `type` names."""
    kind = by_code.get(code)
    if kind is None:
        raise Http404
    return _page("problem.html", {"problem": _described(kind)})


def _described(kind: type[DomainError]) -> dict[str, object]:
    status = status_of(kind)
    return {
        "code": kind.code,
        "title": kind.title,
        "status": status,
        "phrase": HTTPStatus(status).phrase,
        "advice": ADVICE[status],
    }


def _page(template: str, context: dict[str, object]) -> HttpResponse:
    content = render_to_string(f"gateway/{template}", context)
    return HttpResponse(content, headers={headers.CSP: headers.DOCS_PAGE, "Cache-Control": CACHED})
