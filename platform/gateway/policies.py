"""What the view of a path says about itself, read once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.urls import ResolverMatch, resolve

from kernel.errors import DomainError, Malformed, NotFound
from kernel.rest import Body, Limit, Public, Retirement

READS = ("GET", "HEAD", "OPTIONS")


class PathNotFound(NotFound):
    code = "gateway.path_not_found"
    title = "There is nothing at this path"


class PathMalformed(Malformed):
    code = "gateway.path_malformed"
    title = "The path or the query can't be read"


class MethodNotAllowed(DomainError):
    """The one error whose status no domain has a word for (RFC 9110, 15.5.6)."""

    code = "gateway.method_not_allowed"
    title = "This path doesn't take this method"


@dataclass(frozen=True, kw_only=True)
class Policy:
    """How the gateway treats the requests of one view."""

    public: bool
    methods: tuple[str, ...]
    domain: str | None
    body: Body
    limits: tuple[Limit, ...]
    # Methods that take fresh proof of who asks: `step_up = frozenset({"POST"})` on the class.
    step_up: frozenset[str] = frozenset()
    # What an address may ask instead of RATE_LIMIT_ANONYMOUS, counted by itself, where servers
    # call and not people: `anonymous_rate = (quota, seconds)` on the class.
    anonymous_rate: tuple[int, int] | None = None
    # Whether a ticket in the query opens it too: `by_ticket = True` on the class.
    by_ticket: bool = False
    retirement: Retirement | None = None


def resolved(request: HttpRequest) -> ResolverMatch:
    """Return the view of the request's path; raises `PathMalformed`, or Django's `Http404`."""
    if "\0" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
        raise PathMalformed("NUL is no character of a path or a query.")
    return _match(request.path_info, settings.ROOT_URLCONF)


@lru_cache(maxsize=2048)
def _match(path: str, urlconf: str) -> ResolverMatch:
    return resolve(path, urlconf)


@cache
def policy_of(view: Callable[..., HttpResponseBase]) -> Policy:
    """Return what the view declares; a plain function is a public page that is only read."""
    kind: Any = getattr(view, "cls", None)
    if kind is None:
        return PAGE
    methods = tuple(m.upper() for m in kind.http_method_names if _answers(kind, m))
    return Policy(
        public=Public in kind.permission_classes,
        methods=methods,
        domain=_domain(kind),
        body=getattr(kind, "body", Body()),
        limits=tuple(getattr(kind, "limits", ())),
        step_up=frozenset(getattr(kind, "step_up", ())),
        anonymous_rate=getattr(kind, "anonymous_rate", None),
        by_ticket=getattr(kind, "by_ticket", False),
        retirement=getattr(kind, "retirement", None),
    )


def _answers(kind: type, method: str) -> bool:
    return hasattr(kind, "get" if method == "head" else method)


def _domain(kind: type) -> str | None:
    """Return whose database the view's effects are in: "domains.billing.api…" is billing's."""
    declared = getattr(kind, "domain", None)
    package, _, rest = kind.__module__.partition(".")
    name = declared or (rest.partition(".")[0] if package == "domains" else None)
    return name if name in settings.DOMAINS else None


PAGE = Policy(public=True, methods=READS, domain=None, body=Body(), limits=())
