"""The public interface of notifications: all that other domains and the gateway may use."""

from __future__ import annotations

from uuid import UUID

from domains.notifications.contract import LISTENS_TO
from domains.notifications.contract.data import StreamGrant, UnreadCount
from domains.notifications.contract.errors import (
    LastEventIdMalformed,
    NotificationNotFound,
    PersonRequired,
    StreamTicketInvalid,
)
from domains.notifications.contract.events import (
    PersonErased,
    WebhookEndpointChanged,
    WebhookEndpointCreated,
    WebhookEndpointDeleted,
    WebhookEndpointDisabled,
    WebhookSecretRotated,
)
from domains.notifications.contract.permissions import (
    CATEGORY_READ,
    CATEGORY_WRITE,
    CHAT_READ,
    CHAT_WRITE,
    MESSAGE_READ,
    MESSAGE_SEND,
    TEMPLATE_READ,
    TEMPLATE_WRITE,
)
from domains.notifications.contract.webhooks import (
    WEBHOOK_READ,
    WEBHOOK_WRITE,
    AddressRefused,
    EndpointNotActive,
    EventTypeUnknown,
    TooManyEndpoints,
    WebhookEndpointNotFound,
    WebhookNotFound,
    WebhookUnderWay,
)
from kernel.boundary import exposed
from kernel.privacy.records import PersonalPage

__all__ = [
    "CATEGORY_READ",
    "CATEGORY_WRITE",
    "CHAT_READ",
    "CHAT_WRITE",
    "LISTENS_TO",
    "MESSAGE_READ",
    "MESSAGE_SEND",
    "TEMPLATE_READ",
    "TEMPLATE_WRITE",
    "WEBHOOK_READ",
    "WEBHOOK_WRITE",
    "AddressRefused",
    "EndpointNotActive",
    "EventTypeUnknown",
    "LastEventIdMalformed",
    "NotificationNotFound",
    "PersonErased",
    "PersonRequired",
    "StreamGrant",
    "StreamTicketInvalid",
    "TooManyEndpoints",
    "UnreadCount",
    "WebhookEndpointChanged",
    "WebhookEndpointCreated",
    "WebhookEndpointDeleted",
    "WebhookEndpointDisabled",
    "WebhookEndpointNotFound",
    "WebhookNotFound",
    "WebhookSecretRotated",
    "WebhookUnderWay",
    "export_person",
    "get_unread_counts",
    "redeem_stream_ticket",
]


@exposed(idempotent=True)
def get_unread_counts(*, account_ids: list[UUID]) -> list[UnreadCount]:
    """Return how many notifications each account has not read; 0 for an account unknown here."""
    from domains.notifications.services.feed import reading

    return reading.get_unread_counts(account_ids=account_ids)


@exposed(idempotent=True)
def export_person(*, account_id: UUID, cursor: str | None) -> PersonalPage:
    """Return what notifications keeps of the person, from the cursor (None: the beginning) on."""
    from domains.notifications.services import privacy

    return privacy.export_person(account_id=account_id, cursor=cursor)


@exposed(idempotent=False)
def redeem_stream_ticket(*, ticket: str) -> StreamGrant:
    """Return whose stream the ticket opens, which it does once; raise `StreamTicketInvalid`."""
    from domains.notifications.services.feed import tickets
    from kernel.clock import now

    return tickets.redeem(ticket=ticket, now=now())
