"""The first step: an event becomes a delivery to each endpoint that wants it, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from domains.notifications.models import EndpointState, WebhookDelivery, WebhookEndpoint
from domains.notifications.services.webhooks.event_types import FACTS, PING, matches
from domains.notifications.services.webhooks.payloads import accounts_of, body_of, ping_body
from kernel.events import Envelope
from kernel.ids import uuid7

Told = Envelope[dict[str, Any]]


def record(*, envelopes: Sequence[Told], now: datetime) -> int:
    """Write a delivery per event and endpoint, once however often it comes; return how many.

    Of public events alone. It belongs in the transaction that takes the events in. What happens
    while an endpoint is paused waits; for one that is disabled nothing is kept.
    """
    public = [each for each in envelopes if each.name in FACTS and each.organization_id]
    if not public:
        return 0
    wanting = _endpoints({each.organization_id for each in public if each.organization_id})
    rows = [
        row
        for each in public
        for row in _deliveries(each, wanting.get(each.organization_id, []), now)
    ]
    WebhookDelivery.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _endpoints(organization_ids: set[UUID]) -> dict[UUID | None, list[WebhookEndpoint]]:
    found = WebhookEndpoint.objects.within(*organization_ids)
    by_organization: dict[UUID | None, list[WebhookEndpoint]] = {}
    for endpoint in found.exclude(state=EndpointState.DISABLED):
        by_organization.setdefault(endpoint.organization_id, []).append(endpoint)
    return by_organization


def _deliveries(
    told: Told, endpoints: Sequence[WebhookEndpoint], now: datetime
) -> list[WebhookDelivery]:
    wanting = [each for each in endpoints if matches(told.name, each.event_types)]
    if not wanting:
        return []
    at, facts = told.occurred_at, told.payload
    body = body_of(event_id=told.id, name=told.name, occurred_at=at, facts=facts)
    return [
        WebhookDelivery(
            endpoint=endpoint,
            organization_id=endpoint.organization_id,
            event_id=told.id,
            event_type=told.name,
            body=body,
            account_ids=accounts_of(facts),
            due_at=now,
            created_at=now,
        )
        for endpoint in wanting
    ]


def ping(*, endpoint: WebhookEndpoint, now: datetime) -> WebhookDelivery:
    """Write a delivery that tells nothing, to try the endpoint out."""
    event_id = uuid7()
    return WebhookDelivery.objects.create(
        endpoint=endpoint,
        organization_id=endpoint.organization_id,
        event_id=event_id,
        event_type=PING,
        body=ping_body(event_id=event_id, name=PING, occurred_at=now, endpoint_id=endpoint.id),
        account_ids=[],
        due_at=now,
        created_at=now,
    )
