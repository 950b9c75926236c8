"""One line for each request, and no secret in it: no query, no header, no body."""

from __future__ import annotations

from typing import Any

import structlog
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from gateway.entry import PROBES
from kernel.context import RequestContext
from kernel.principal import Principal

log = structlog.get_logger("gateway.access")

LONGEST_PATH = 200
SHORTEST_SECRET = 32


def write(
    request: HttpRequest, response: HttpResponseBase, context: RequestContext, seconds: float
) -> None:
    """Log the request; the orchestrator's probes only where debugging is on."""
    say = log.debug if request.path_info in PROBES else log.info
    say(
        "request",
        method=request.method,
        path=_path(request),
        status=response.status_code,
        duration_ms=round(seconds * 1000, 2),
        request_id=context.request_id,
        trace_id=context.traceparent[3:35],
        span_id=context.traceparent[36:52],
        client=context.client_address,
        **_caller(request),
        **_outcome(request, response),
    )


def _path(request: HttpRequest) -> str:
    """Return the path without what may be a secret in it: a long text that is no id."""
    path = request.path_info
    match = request.resolver_match
    for name, value in (match.kwargs if match else {}).items():
        if isinstance(value, str) and len(value) >= SHORTEST_SECRET:
            path = path.replace(value, f"<{name}>")
    return path[:LONGEST_PATH]


def _caller(request: HttpRequest) -> dict[str, Any]:
    principal: Principal | None = getattr(request, "principal", None)
    if principal is None:
        return {}
    caller = {"account_id": principal.account_id, "organization_id": principal.organization_id}
    if principal.impersonator_id:
        caller["impersonator_id"] = principal.impersonator_id
    if principal.api_key_id:
        caller["api_key_id"] = principal.api_key_id
    return {name: str(value) for name, value in caller.items()}


def _outcome(request: HttpRequest, response: HttpResponseBase) -> dict[str, Any]:
    outcome: dict[str, Any] = {}
    if hasattr(request, "problem"):
        outcome["problem"] = request.problem
    if "Idempotency-Replayed" in response.headers:
        outcome["replayed"] = True
    return outcome
