"""The first step: an event becomes the intent to tell somebody, and nothing else yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from domains.notifications.models import Message
from domains.notifications.services.catalogue.rules import Rule
from kernel.events import Envelope


def record_intents(
    *, rules: Sequence[Rule], envelopes: Sequence[Envelope[Any]], now: datetime
) -> list[UUID]:
    """Write a message per event and rule, once however often it comes; return their ids.

    It belongs in the transaction that takes the event in.
    """
    messages = [
        _message(rule, envelope, now)
        for envelope in envelopes
        for rule in rules
        if rule.applies(envelope.payload)
    ]
    Message.objects.bulk_create(messages, ignore_conflicts=True)
    return [message.id for message in messages]


def _message(rule: Rule, envelope: Envelope[Any], now: datetime) -> Message:
    return Message(
        event_id=envelope.id,
        kind=rule.kind,
        category=rule.category,
        organization_id=getattr(envelope.payload, "organization_id", None),
        facts=_plain(asdict(envelope.payload)),
        traceparent=envelope.traceparent,
        occurred_at=envelope.occurred_at,
        created_at=now,
        due_at=now,
    )


def _plain(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: _plain_fact(fact) for name, fact in facts.items()}


def _plain_fact(fact: Any) -> Any:
    if isinstance(fact, datetime):
        return fact.isoformat()
    return str(fact) if isinstance(fact, UUID) else fact
