"""What a view says about itself: read by the gateway and by the OpenAPI document."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from kernel.errors import DomainError

if TYPE_CHECKING:
    from rest_framework.serializers import BaseSerializer

    from kernel.rest.pagination import Listing

JSON = "application/json"
UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})

Handler = TypeVar("Handler", bound=Callable[..., Any])


@dataclass(frozen=True, kw_only=True)
class Body:
    """Which bodies a view takes: `body = Body(max_bytes=…)` on the class.

    One that is not JSON is left in the stream for the view to read or, if it is small enough to be
    taken `whole`, in `request._request.body`: then a repeat with its `Idempotency-Key` is known.
    """

    max_bytes: int = 1_048_576
    max_members: int = 2_000
    content_types: frozenset[str] = frozenset({JSON})
    whole: bool = False

    @property
    def streamed(self) -> bool:
        """Return whether the view reads the body itself."""
        return JSON not in self.content_types

    @property
    def repeatable(self) -> bool:
        """Return whether a repeat of the request can be told from another one."""
        return self.whole or not self.streamed


@dataclass(frozen=True, kw_only=True)
class Limit:
    """A limit of its own for a sensitive operation: `limits = (Limit(…),)` on the class.

    `quota` requests in any `window` seconds, counted per client address, or per value of one
    top-level `field` of the body (an e-mail address tried from everywhere). Held by PostgreSQL
    while Redis is away, so that guessing never becomes free.
    """

    name: str
    quota: int
    window: int
    field: str | None = None
    methods: frozenset[str] = UNSAFE


@dataclass(frozen=True, kw_only=True)
class Retirement:
    """That a view is going to go: `retirement = Retirement(…)` on the class.

    `deprecated`: since when nobody should begin to use it (RFC 9745); `sunset`: from when on it may
    answer nothing more (RFC 8594). Every answer and the OpenAPI document say so.
    """

    deprecated: datetime
    sunset: datetime


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One operation as the OpenAPI document shows it."""

    id: str
    summary: str
    description: str = ""
    request: type[BaseSerializer] | Mapping[str, Any] | None = None
    response: type[BaseSerializer] | Mapping[str, Any] | None = None
    status: int = 200
    listing: Listing | None = None
    problems: tuple[type[DomainError], ...] = ()
    request_example: Any = None
    response_example: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)


def operation(
    operation_id: str,
    summary: str,
    *,
    description: str = "",
    request: type[BaseSerializer] | Mapping[str, Any] | None = None,
    response: type[BaseSerializer] | Mapping[str, Any] | None = None,
    status: int = 200,
    listing: Listing | None = None,
    problems: tuple[type[DomainError], ...] = (),
    request_example: Any = None,
    response_example: Any = None,
    headers: Mapping[str, str] | None = None,
    query: Mapping[str, str] | None = None,
) -> Callable[[Handler], Handler]:
    """Describe a view's method (`get`, `post`, …) for the OpenAPI document.

    `request` and `response` are a serializer, a JSON schema, or None without a body; with
    `listing` the latter is one item of the list. `problems` are the domain's errors that it can
    answer; those that any operation can answer are added by themselves. `headers` names request
    headers with their descriptions, `query` parameters of the query that aren't a list's.
    """
    described = Operation(
        id=operation_id,
        summary=summary,
        description=description,
        request=request,
        response=response,
        status=status,
        listing=listing,
        problems=problems,
        request_example=request_example,
        response_example=response_example,
        headers=headers or {},
        query=query or {},
    )

    def mark(handler: Handler) -> Handler:
        handler.operation = described  # type: ignore[attr-defined]
        return handler

    return mark
