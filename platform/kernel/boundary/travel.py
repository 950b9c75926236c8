"""The request's context as headers of a call, so that it is the same on the other side."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, unquote
from uuid import UUID

from kernel.context import RequestContext

REQUEST_ID = "X-Request-Id"
TRACEPARENT = "Traceparent"
ACTOR = "Tenon-Actor-Id"
ORGANIZATION = "Tenon-Organization-Id"
CLIENT = "Tenon-Client-Address"
ACTOR_KIND = "Tenon-Actor-Kind"
ON_BEHALF_OF = "Tenon-On-Behalf-Of"
API_KEY = "Tenon-Api-Key-Id"
USER_AGENT = "Tenon-User-Agent"
NAMES = (
    REQUEST_ID,
    TRACEPARENT,
    ACTOR,
    ORGANIZATION,
    CLIENT,
    ACTOR_KIND,
    ON_BEHALF_OF,
    API_KEY,
    USER_AGENT,
)


def to_headers(context: RequestContext) -> dict[str, str]:
    """Return the context's headers; an unknown fact has none."""
    values = {
        REQUEST_ID: context.request_id,
        TRACEPARENT: context.traceparent,
        ACTOR: str(context.actor_id or ""),
        ORGANIZATION: str(context.organization_id or ""),
        CLIENT: context.client_address,
        ACTOR_KIND: context.actor_kind,
        ON_BEHALF_OF: str(context.on_behalf_of or ""),
        API_KEY: str(context.api_key_id or ""),
        USER_AGENT: quote(context.user_agent),
    }
    return {name: value for name, value in values.items() if value}


def headers_among(headers: Mapping[str, str]) -> dict[str, str]:
    """Return those of the headers that carry a context."""
    return {name: headers[name] for name in NAMES if headers.get(name)}


def from_headers(headers: Mapping[str, str]) -> RequestContext:
    """Return the context that the headers carry; raise ValueError for an id that is none."""
    return RequestContext(
        request_id=headers.get(REQUEST_ID, ""),
        traceparent=headers.get(TRACEPARENT, ""),
        actor_id=_id(headers.get(ACTOR)),
        organization_id=_id(headers.get(ORGANIZATION)),
        client_address=headers.get(CLIENT, ""),
        actor_kind=headers.get(ACTOR_KIND, ""),
        on_behalf_of=_id(headers.get(ON_BEHALF_OF)),
        api_key_id=_id(headers.get(API_KEY)),
        user_agent=unquote(headers.get(USER_AGENT, "")),
    )


def _id(text: str | None) -> UUID | None:
    return UUID(text) if text else None
