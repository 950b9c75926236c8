"""Where an event comes from, beside its actor: what an audit says and nobody else needs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from kernel.context import RequestContext


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Which kind of actor acted for whom, from where; `kind` is an `ActorKind` or empty.

    Address and user agent are personal data: outbox rows are cleared away days after closing.
    """

    kind: str = ""
    on_behalf_of: UUID | None = None
    api_key_id: UUID | None = None
    address: str = ""
    user_agent: str = ""
    request_id: str = ""


NOWHERE = Origin()


def origin_of(told: RequestContext) -> Origin:
    """Return the origin of what is published in this context.

    A request id alone says nothing: handlers and jobs have one too.
    """
    if not (told.actor_kind or told.client_address):
        return NOWHERE
    return Origin(
        kind=told.actor_kind,
        on_behalf_of=told.on_behalf_of,
        api_key_id=told.api_key_id,
        address=told.client_address,
        user_agent=told.user_agent,
        request_id=told.request_id,
    )


@lru_cache(maxsize=256)
def wire_of(origin: Origin) -> str | None:
    """Return the origin as JSON without what is empty; None if that leaves nothing."""
    said = {name: str(value) for name, value in vars(origin).items() if value}
    return json.dumps(said) if said else None


def read_origin(wire: Mapping[str, str] | None) -> Origin:
    """Return the origin on the wire; events from before there was one have none."""
    if not wire:
        return NOWHERE
    return Origin(
        kind=wire.get("kind", ""),
        on_behalf_of=_id(wire.get("on_behalf_of")),
        api_key_id=_id(wire.get("api_key_id")),
        address=wire.get("address", ""),
        user_agent=wire.get("user_agent", ""),
        request_id=wire.get("request_id", ""),
    )


def _id(text: str | None) -> UUID | None:
    return UUID(text) if text else None
