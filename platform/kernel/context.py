"""Who and what the present work is done for: set at every entry, read wherever it is recorded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID


class ActorKind(StrEnum):
    """What acts: a person, a machine, the staff, or nobody whose name was proven."""

    ACCOUNT = "account"
    API_KEY = "api_key"
    SERVICE_ACCOUNT = "service_account"
    STAFF = "staff"
    SYSTEM = "system"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class RequestContext:
    """The facts that travel with a request into events, jobs and other domains.

    `traceparent` is a W3C Trace Context header value, `client_address` an IP address in text,
    `user_agent` what the client calls itself, at most 300 characters. `on_behalf_of` is the
    account that the actor acts for or as: whose a key is, or whom staff impersonate. `actor_id` is
    the person behind a key of theirs; `api_key_id` the key itself.
    """

    request_id: str = ""
    traceparent: str = ""
    actor_id: UUID | None = None
    actor_kind: str = ""
    on_behalf_of: UUID | None = None
    api_key_id: UUID | None = None
    organization_id: UUID | None = None
    client_address: str = ""
    user_agent: str = ""


_current: ContextVar[RequestContext | None] = ContextVar("context", default=None)
_NOBODY = RequestContext()


def current() -> RequestContext:
    """Return the present context; an empty one outside of any request, event or job."""
    return _current.get() or _NOBODY


def prove(account_id: UUID) -> None:
    """Make the account the actor of the present context from now on, unless somebody acts already.

    For what nobody needs to be signed in for: who asks is known once they have proven it.
    """
    known = _current.get()
    if known is not None and known.actor_id is None:
        _current.set(replace(known, actor_id=account_id, actor_kind=ActorKind.ACCOUNT))


@contextmanager
def use(context: RequestContext) -> Iterator[None]:
    """Make `context` the present one for the block."""
    token = _current.set(context)
    try:
        yield
    finally:
        _current.reset(token)
