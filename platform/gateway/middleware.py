"""The two middlewares of the gateway; everything but the staff's pages ends in the second.

Identity                request id, trace, client address; log line, metrics, headers
CorsMiddleware          django-cors-headers
Api                     the API, the documentation, /internal and the probes: see entry.py
…                       Django's own chain, for the admin and static files alone
"""

from __future__ import annotations

import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from gateway import access_log, addresses, entry, headers, identity, metrics
from kernel import context
from kernel.context import RequestContext

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class Identity:
    """Gives a request its name before, and its headers and its log line after everything else."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request."""
        started = time.perf_counter()
        trace = identity.trace(request.META.get("HTTP_TRACEPARENT"))
        identified = RequestContext(
            request_id=identity.request_id(request.META.get("HTTP_X_REQUEST_ID")),
            traceparent=str(trace),
            client_address=addresses.client_address(
                request.META.get("REMOTE_ADDR", ""),
                request.META.get("HTTP_X_FORWARDED_FOR", ""),
                trusted_proxies=settings.TRUSTED_PROXIES,
            ),
            user_agent=identity.user_agent(request.META.get("HTTP_USER_AGENT")),
        )
        request.id = identified.request_id  # type: ignore[attr-defined]
        with context.use(identified):
            response = self.get_response(request)
            headers.complete(request, response, identified)
            seconds = time.perf_counter() - started
            metrics.observe(request, response, seconds)
            access_log.write(request, response, identified, seconds)
        return response


class Api:
    """Answers all that is not the staff's, without the middlewares that only the staff needs."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request, or pass it on."""
        if entry.is_staff_path(request.path_info):
            return self.get_response(request)
        return entry.answer(request)
