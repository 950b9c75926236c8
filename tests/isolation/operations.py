"""The operations of the API, as its description and as its URLs have them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.urls import get_resolver
from drf_spectacular.generators import EndpointEnumerator

from gateway.openapi.document import document
from gateway.policies import policy_of

# Pages and callbacks that no description has: the staff's, and what only other processes call.
NOT_THE_API = ("admin", "internal")
# For people, in HTML: no client programs against them, and whose passes have tests of their own
# (tests/billing/portal, tests/notifications).
PAGES = ("billing/portal/", "notifications/unsubscribe/")


@dataclass(frozen=True)
class Operation:
    """One operation: a method on a path with parameters."""

    name: str
    method: str
    path: str
    is_public: bool
    is_list: bool


@cache
def described() -> dict[str, Operation]:
    """Return every operation of the description, by its id."""
    found = {}
    for path, methods in document()["paths"].items():
        for method, about in methods.items():
            found[about["operationId"]] = Operation(
                name=about["operationId"],
                method=method.upper(),
                path=path,
                is_public="security" not in about or {} in about["security"],
                is_list=any(p["name"] == "cursor" for p in about.get("parameters", [])),
            )
    return found


def operation_of(name: str) -> Operation:
    """Return the operation of a row: "operationId", or "operationId: what is special"."""
    return described()[name.partition(":")[0]]


def served() -> set[tuple[str, str]]:
    """Return the method and path of everything that the URLs lead to."""
    return {
        (method, path)
        for path, view in views()
        for method in policy_of(view).methods
        if method not in ("HEAD", "OPTIONS")
    }


def views() -> Iterator[tuple[str, Any]]:
    """Yield the path and the view of whatever the URLs lead to."""
    yield from _views(get_resolver("config.urls").url_patterns, "")


def _views(patterns: list[Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            if not route.startswith(NOT_THE_API):
                yield from _views(pattern.url_patterns, route)
        elif hasattr(pattern.callback, "cls") and not route.startswith(PAGES):
            yield EndpointEnumerator().get_path_from_regex(route), pattern.callback
