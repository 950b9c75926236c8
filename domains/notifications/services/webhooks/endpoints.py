"""Endpoints of an organization: where its events are sent, which ones, and signed by what."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connections
from django.db.models import QuerySet

from domains.notifications.contract.events import (
    WebhookEndpointChanged,
    WebhookEndpointCreated,
    WebhookEndpointDeleted,
    WebhookSecretRotated,
)
from domains.notifications.contract.webhooks import (
    WEBHOOK_READ,
    WEBHOOK_WRITE,
    AddressRefused,
    EventTypeUnknown,
    TooManyEndpoints,
    WebhookEndpointNotFound,
)
from domains.notifications.models import EndpointState, WebhookEndpoint
from domains.notifications.services.outbound import client
from domains.notifications.services.outbound.errors import Refused
from domains.notifications.services.webhooks import event_types, secrets
from kernel.db import transaction
from kernel.events import publish
from kernel.jobs import ring
from kernel.permissions import Permission
from kernel.preconditions import ANY, Precondition, entity_tag
from kernel.principal import Principal

MOST_ENDPOINTS = 20
_PATTERN = re.compile(r"[a-z0-9_.*]{1,100}")


def create(
    principal: Principal,
    *,
    url: str,
    event_types: Sequence[str],
    now: datetime,
    description: str = "",
    is_ordered: bool = False,
    asymmetric: bool = False,
) -> tuple[WebhookEndpoint, str]:
    """Return a new endpoint of the current organization and its secret: the one time it is seen.

    Raises `Forbidden`, `AddressRefused`, `EventTypeUnknown` or `TooManyEndpoints`.
    """
    principal.require(WEBHOOK_WRITE)
    endpoint = WebhookEndpoint(
        organization_id=principal.organization_id,
        url=_checked_url(url),
        event_types=_checked_types(event_types),
        description=description,
        is_ordered=is_ordered,
        claimed_at=now,
        created_at=now,
        updated_at=now,
    )
    secret = secrets.give(endpoint, asymmetric=asymmetric)
    with transaction("notifications"):
        _require_room(principal.organization_id)
        endpoint.save(force_insert=True)
        publish(WebhookEndpointCreated(**_told(endpoint)))
    return endpoint, secret


def _require_room(organization_id: UUID) -> None:
    """Raise `TooManyEndpoints` if the organization has all that it may; two at once wait here."""
    with connections["notifications"].cursor() as cursor:
        key = f"webhook endpoints of {organization_id}"
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])
    if WebhookEndpoint.objects.within(organization_id).count() >= MOST_ENDPOINTS:
        raise TooManyEndpoints(f"It may have {MOST_ENDPOINTS}.")


def endpoints_of(principal: Principal) -> QuerySet[WebhookEndpoint]:
    """Return the current organization's endpoints; raise `Forbidden`."""
    principal.require(WEBHOOK_READ)
    return WebhookEndpoint.objects.filter(organization_id=principal.organization_id)


def get(principal: Principal, *, endpoint_id: UUID) -> WebhookEndpoint:
    """Return one endpoint; raise `WebhookEndpointNotFound` or `Forbidden`."""
    return find(principal, endpoint_id=endpoint_id, permission=WEBHOOK_READ)


def find(
    principal: Principal, *, endpoint_id: UUID, permission: Permission, lock: bool = False
) -> WebhookEndpoint:
    """Return the endpoint, perhaps locked; one of others is as unknown as one that never was."""
    mine = WebhookEndpoint.objects.filter(organization_id__in=principal.organization_ids)
    if lock:
        mine = mine.select_for_update()
    endpoint = mine.filter(id=endpoint_id).first()
    if endpoint is None:
        raise WebhookEndpointNotFound
    principal.require(permission, organization_id=endpoint.organization_id)
    return endpoint


def update(
    principal: Principal,
    *,
    endpoint_id: UUID,
    changes: dict[str, Any],
    now: datetime,
    expected: Precondition = ANY,
) -> WebhookEndpoint:
    """Change `url`, `event_types`, `description` or `is_ordered`, and return the endpoint.

    What waits already is sent to the new address. Raises as `create` and `get` do, and
    `PreconditionFailed`.
    """
    if "url" in changes:
        _checked_url(changes["url"])
    if "event_types" in changes:
        changes = {**changes, "event_types": _checked_types(changes["event_types"])}
    with transaction("notifications"):
        endpoint = find(principal, endpoint_id=endpoint_id, permission=WEBHOOK_WRITE, lock=True)
        expected.check(tag(endpoint))
        return _changed(endpoint, changes, now)


def tag(endpoint: WebhookEndpoint) -> str:
    """Return the entity tag of the endpoint's present version."""
    return entity_tag(endpoint.id, endpoint.updated_at, endpoint.state, endpoint.failing_since)


def pause(principal: Principal, *, endpoint_id: UUID, now: datetime) -> WebhookEndpoint:
    """Send nothing more for now; what happens meanwhile waits."""
    with transaction("notifications"):
        endpoint = find(principal, endpoint_id=endpoint_id, permission=WEBHOOK_WRITE, lock=True)
        return _changed(endpoint, {"state": EndpointState.PAUSED, "disabled_reason": ""}, now)


def resume(principal: Principal, *, endpoint_id: UUID, now: datetime) -> WebhookEndpoint:
    """Send again, what waited first; also to one that was disabled."""
    with transaction("notifications"):
        endpoint = find(principal, endpoint_id=endpoint_id, permission=WEBHOOK_WRITE, lock=True)
        anew = {"state": EndpointState.ACTIVE, "disabled_reason": "", "failing_since": None}
        resumed = _changed(endpoint, anew, now)
        ring("notifications.send_webhooks")
    return resumed


def _changed(endpoint: WebhookEndpoint, changes: dict[str, Any], now: datetime) -> WebhookEndpoint:
    fields = [name for name, value in changes.items() if getattr(endpoint, name) != value]
    if not fields:
        return endpoint
    for name in fields:
        setattr(endpoint, name, changes[name])
    endpoint.updated_at = now
    endpoint.save(update_fields=[*fields, "updated_at"])
    publish(WebhookEndpointChanged(**_told(endpoint), fields=tuple(sorted(fields))))
    return endpoint


def rotate(
    principal: Principal, *, endpoint_id: UUID, overlap: timedelta, now: datetime
) -> tuple[WebhookEndpoint, str]:
    """Return the endpoint and its new secret; the former signs beside it until the overlap ends."""
    with transaction("notifications"):
        endpoint = find(principal, endpoint_id=endpoint_id, permission=WEBHOOK_WRITE, lock=True)
        secret = secrets.rotate(endpoint, overlap=overlap, now=now)
        endpoint.updated_at = now
        endpoint.save()
        publish(WebhookSecretRotated(**_told(endpoint), overlap_ends_at=now + overlap))
    return endpoint, secret


def delete(principal: Principal, *, endpoint_id: UUID) -> None:
    """Delete the endpoint with all that waits for it and its log."""
    with transaction("notifications"):
        endpoint = find(principal, endpoint_id=endpoint_id, permission=WEBHOOK_WRITE, lock=True)
        told = _told(endpoint)
        endpoint.delete()
        publish(WebhookEndpointDeleted(**told))


def _told(endpoint: WebhookEndpoint) -> dict[str, UUID]:
    return {"endpoint_id": endpoint.id, "organization_id": endpoint.organization_id}


def _checked_url(url: str) -> str:
    try:
        client.check_url(url=url)
    except Refused as error:
        raise AddressRefused(str(error), pointer="/url") from error
    return url


def _checked_types(patterns: Sequence[str]) -> list[str]:
    chosen = sorted(set(patterns))
    malformed = [each for each in chosen if not _PATTERN.fullmatch(each)]
    unknown = malformed or event_types.unknown(chosen)
    if unknown or not chosen:
        raise EventTypeUnknown(
            f"No event that can be sent is called {unknown[0][:100]}." if unknown else "",
            pointer="/event_types",
        )
    return chosen
