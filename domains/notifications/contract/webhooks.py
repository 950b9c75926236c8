"""Outgoing webhooks: who may look after them, and what is refused."""

from __future__ import annotations

from kernel.errors import Conflict, Invalid, NotFound
from kernel.permissions import Permission, Role

WEBHOOK_READ = Permission(
    "notifications.webhook:read",
    "See webhook endpoints and what was sent to them",
    roles=(Role.OWNER, Role.ADMIN),
)
WEBHOOK_WRITE = Permission(
    "notifications.webhook:write",
    "Have events sent to servers of its choice",
    roles=(Role.OWNER, Role.ADMIN),
)


class WebhookEndpointNotFound(NotFound):
    """No such endpoint in an organization of the caller's."""

    code = "notifications.webhook_endpoint_not_found"
    title = "There is no such webhook endpoint"


class WebhookNotFound(NotFound):
    """No such webhook in an organization of the caller's."""

    code = "notifications.webhook_not_found"
    title = "There is no such webhook"


class AddressRefused(Invalid):
    """Nothing will be sent there."""

    code = "notifications.address_refused"
    title = "Nothing is sent to this address"


class EventTypeUnknown(Invalid):
    """The name, or the pattern, is of no event that can be sent."""

    code = "notifications.event_type_unknown"
    title = "Name events that can be sent"


class TooManyEndpoints(Conflict):
    """The organization has as many endpoints as it may."""

    code = "notifications.too_many_webhook_endpoints"
    title = "The organization has as many webhook endpoints as it may"


class EndpointNotActive(Conflict):
    """It is paused or disabled."""

    code = "notifications.webhook_endpoint_not_active"
    title = "The endpoint is paused or disabled"


class WebhookUnderWay(Conflict):
    """It is still to be sent anyway."""

    code = "notifications.webhook_under_way"
    title = "The webhook is still under way"
