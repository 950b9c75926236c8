"""What the tests of webhooks share: endpoints at sinks of this machine, and events to send."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from domains.notifications.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from domains.notifications.services.webhooks import endpoints, recording, sending
from kernel.clock import now as present
from kernel.events import Envelope
from kernel.ids import uuid7
from tests import patience
from tests.principals import member_of

JOINED = "users.member_joined.v1"


class AnyPort(list):
    """Stands for a list of every port: those of sinks are chosen by the system."""

    def __contains__(self, port: object) -> bool:
        return True


@pytest.fixture
def local(settings):
    """Let webhooks go to this machine, to any port, without TLS."""
    settings.OUTBOUND_HTTP, settings.OUTBOUND_NETWORKS = True, ["127.0.0.0/8"]
    settings.OUTBOUND_PORTS = AnyPort()
    return settings


def an_endpoint(
    url: str, *, organization_id: UUID | None = None, now: datetime | None = None, **options: Any
) -> tuple[WebhookEndpoint, str]:
    """Return a new endpoint for all events, and its secret."""
    owner = member_of(organization_id or uuid7())
    wanted = {"event_types": ["*"], **options}
    return endpoints.create(owner, url=url, now=now or present(), **wanted)


def told(
    organization_id: UUID, name: str = JOINED, *, event_id: UUID | None = None, **facts: Any
) -> Envelope[dict[str, Any]]:
    """Return an event as it comes to a handler."""
    payload = {"organization_id": str(organization_id), **facts}
    return Envelope(
        id=event_id or uuid7(),
        name=name,
        occurred_at=present(),
        aggregate_id=str(organization_id),
        version=1,
        actor_id=None,
        organization_id=organization_id,
        traceparent="",
        payload=payload,
    )


def happen(endpoint: WebhookEndpoint, *, times: int = 1, now: datetime | None = None) -> None:
    """Have events recorded for the endpoint."""
    envelopes = [
        told(endpoint.organization_id, account_id=str(uuid7()), role="member") for _ in range(times)
    ]
    recording.record(envelopes=envelopes, now=now or present())


def send(now: datetime | None = None) -> int:
    """Send what is due at that time."""
    at = now or present()
    return sending.send_due(clock=lambda: at, seconds=patience.SECONDS)


def webhooks_of(endpoint: WebhookEndpoint) -> list[WebhookDelivery]:
    return list(WebhookDelivery.objects.filter(endpoint=endpoint).order_by("id"))


def the_webhook_of(endpoint: WebhookEndpoint) -> WebhookDelivery:
    [found] = webhooks_of(endpoint)
    return found


def log_of(endpoint: WebhookEndpoint) -> list[WebhookAttempt]:
    return list(WebhookAttempt.objects.filter(delivery__endpoint=endpoint).order_by("id"))
