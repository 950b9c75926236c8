"""What is sent of an event: its public facts, as JSON that never changes between attempts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from domains.notifications.models import ACCOUNT_FACTS
from domains.notifications.services.webhooks.event_types import FACTS

MOST_BYTES = 20_000
_SHORT = 200


def body_of(*, event_id: UUID, name: str, occurred_at: datetime, facts: Mapping[str, Any]) -> str:
    """Return the body: the event's id, type and time, and as `data` its public facts.

    It is under 20 kB: of an event that says more, the long facts are left out, and `left_out` names
    them.
    """
    data = {fact: facts[fact] for fact in FACTS[name] if fact in facts}
    body = _written(event_id, name, occurred_at, {"data": data})
    if len(body.encode()) < MOST_BYTES:
        return body
    short = {fact: said for fact, said in data.items() if len(_json(said)) <= _SHORT}
    left_out = [fact for fact in data if fact not in short]
    return _written(event_id, name, occurred_at, {"data": short, "left_out": left_out})


def ping_body(*, event_id: UUID, name: str, occurred_at: datetime, endpoint_id: UUID) -> str:
    """Return the body of a ping."""
    data = {"endpoint_id": str(endpoint_id)}
    return _written(event_id, name, occurred_at, {"data": data})


def accounts_of(facts: Mapping[str, Any]) -> list[UUID]:
    """Return the accounts that the facts name."""
    return [UUID(facts[fact]) for fact in ACCOUNT_FACTS if facts.get(fact)]


def _written(event_id: UUID, name: str, occurred_at: datetime, rest: dict[str, Any]) -> str:
    instant = occurred_at.isoformat().replace("+00:00", "Z")
    return _json({"id": str(event_id), "type": name, "timestamp": instant, **rest})


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
