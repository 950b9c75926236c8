"""What notifications tells the other domains."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kernel.events import event
from kernel.privacy.records import Erased


@event("notifications.person_erased.v1", aggregate="account_id")
@dataclass(frozen=True, kw_only=True)
class PersonErased:
    """What notifications erased of a person, made anonymous, or must keep and why."""

    account_id: UUID
    items: tuple[Erased, ...]


@event("notifications.webhook_endpoint_created.v1", aggregate="endpoint_id")
@dataclass(frozen=True, kw_only=True)
class WebhookEndpointCreated:
    """Somebody has events of the organization sent to a server."""

    endpoint_id: UUID
    organization_id: UUID


@event("notifications.webhook_endpoint_changed.v1", aggregate="endpoint_id")
@dataclass(frozen=True, kw_only=True)
class WebhookEndpointChanged:
    """An endpoint is another, was paused or resumed; `fields` says what is another."""

    endpoint_id: UUID
    organization_id: UUID
    fields: tuple[str, ...]


@event("notifications.webhook_endpoint_deleted.v1", aggregate="endpoint_id")
@dataclass(frozen=True, kw_only=True)
class WebhookEndpointDeleted:
    """Nothing is sent to an endpoint any more, and its log is gone."""

    endpoint_id: UUID
    organization_id: UUID


@event("notifications.webhook_secret_rotated.v1", aggregate="endpoint_id")
@dataclass(frozen=True, kw_only=True)
class WebhookSecretRotated:
    """An endpoint has another secret; the former one signs too until `overlap_ends_at`."""

    endpoint_id: UUID
    organization_id: UUID
    overlap_ends_at: datetime


@event("notifications.webhook_endpoint_disabled.v1", aggregate="endpoint_id")
@dataclass(frozen=True, kw_only=True)
class WebhookEndpointDisabled:
    """Nothing is sent to an endpoint any more: it failed for days, or said that it is gone.

    `endpoint` is what people call it, `reason` "failing" or "gone".
    """

    endpoint_id: UUID
    organization_id: UUID
    endpoint: str
    reason: str
