"""Figures for Prometheus, on a port of their own.

With several processes, `PROMETHEUS_MULTIPROC_DIR` names the folder in which they meet; whoever
starts them sets it before Python starts, and empties it.
"""

from __future__ import annotations

import os
from functools import cache

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from prometheus_client import CollectorRegistry, Histogram, start_http_server
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

REQUESTS = Histogram(
    "tenon_http_request_duration_seconds",
    "Time to answer requests, by route",
    ("method", "route", "status"),
    buckets=BUCKETS,
)


def observe(request: HttpRequest, response: HttpResponseBase, seconds: float) -> None:
    """Count an answered request, if anybody can read the figures."""
    if settings.METRICS_PORT:
        match = request.resolver_match
        route = match.route if match else "-"
        method = request.method if request.method in METHODS else "-"
        _child(str(method), route, response.status_code).observe(seconds)


@cache
def _child(method: str, route: str, status: int) -> Histogram:
    return REQUESTS.labels(method, route, status)


def serve() -> None:
    """Serve /metrics on METRICS_ADDRESS and METRICS_PORT from a thread of this process.

    Under gunicorn that is the parent's, which has no requests of its own: its `when_ready` hook
    calls this and `child_exit` calls `forget`. Does nothing while METRICS_PORT is 0.
    """
    if not settings.METRICS_PORT:
        return
    registry = CollectorRegistry()
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    else:
        registry.register(REQUESTS)
    start_http_server(settings.METRICS_PORT, settings.METRICS_ADDRESS, registry)


def forget(pid: int) -> None:
    """Close the books of a worker that has ended."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        mark_process_dead(pid)  # type: ignore[no-untyped-call]
