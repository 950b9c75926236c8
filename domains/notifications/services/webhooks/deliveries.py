"""The log of an endpoint: what was sent to it, and having it sent once more."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import F, QuerySet

from domains.notifications.contract.webhooks import (
    WEBHOOK_READ,
    WEBHOOK_WRITE,
    EndpointNotActive,
    WebhookNotFound,
    WebhookUnderWay,
)
from domains.notifications.models import (
    WEBHOOK_OPEN,
    EndpointState,
    WebhookDelivery,
    WebhookState,
)
from domains.notifications.services.webhooks import endpoints, recording
from kernel.db import transaction
from kernel.jobs import ring
from kernel.permissions import Permission
from kernel.principal import Principal

SEND = "notifications.send_webhooks"


def deliveries_of(principal: Principal, *, endpoint_id: UUID) -> QuerySet[WebhookDelivery]:
    """Return what was and is to be sent to the endpoint; raise as `endpoints.get` does."""
    endpoint = endpoints.get(principal, endpoint_id=endpoint_id)
    return WebhookDelivery.objects.within(endpoint.organization_id).filter(endpoint=endpoint)


def get(principal: Principal, *, delivery_id: UUID) -> WebhookDelivery:
    """Return one with its attempts; raise `WebhookNotFound` or `Forbidden`."""
    return _find(principal, delivery_id, WEBHOOK_READ)


def _find(principal: Principal, delivery_id: UUID, permission: Permission) -> WebhookDelivery:
    mine = WebhookDelivery.objects.filter(organization_id__in=principal.organization_ids)
    delivery = mine.filter(id=delivery_id).first()
    if delivery is None:
        raise WebhookNotFound
    principal.require(permission, organization_id=delivery.organization_id)
    return delivery


def ping(principal: Principal, *, endpoint_id: UUID, now: datetime) -> WebhookDelivery:
    """Have an event sent that tells nothing; raise `EndpointNotActive` beside the usual."""
    with transaction("notifications"):
        endpoint = endpoints.find(principal, endpoint_id=endpoint_id, permission=WEBHOOK_WRITE)
        if endpoint.state != EndpointState.ACTIVE:
            raise EndpointNotActive
        delivery = recording.ping(endpoint=endpoint, now=now)
        ring(SEND)
    return delivery


def replay(principal: Principal, *, delivery_id: UUID, now: datetime) -> WebhookDelivery:
    """Have one sent once more, as the same webhook-id; raise `WebhookUnderWay` if it still is."""
    delivery = _find(principal, delivery_id, WEBHOOK_WRITE)
    with transaction("notifications"):
        same = WebhookDelivery.objects.within(delivery.organization_id).filter(id=delivery_id)
        if not start_over(same, now=now):
            raise WebhookUnderWay
        return same.get()


def replay_many(
    principal: Principal,
    *,
    endpoint_id: UUID,
    now: datetime,
    only_failed: bool = True,
    since: datetime | None = None,
    until: datetime | None = None,
) -> int:
    """Have those sent once more that failed for good, or all, of the time given; return how many.

    `since` counts in, `until` doesn't; by when the event came to us.
    """
    with transaction("notifications"):
        endpoint = endpoints.find(principal, endpoint_id=endpoint_id, permission=WEBHOOK_WRITE)
        rows = WebhookDelivery.objects.within(endpoint.organization_id).filter(endpoint=endpoint)
        if only_failed:
            rows = rows.filter(state=WebhookState.DEAD)
        if since:
            rows = rows.filter(created_at__gte=since)
        if until:
            rows = rows.filter(created_at__lt=until)
        return start_over(rows, now=now)


def start_over(rows: QuerySet[WebhookDelivery], *, now: datetime) -> int:
    """Have those of the rows that are settled sent once more; return how many."""
    changed = rows.exclude(state__in=WEBHOOK_OPEN).update(
        state=WebhookState.PENDING,
        attempts=0,
        replays=F("replays") + 1,
        due_at=now,
        settled_at=None,
    )
    ring(SEND)
    return changed
