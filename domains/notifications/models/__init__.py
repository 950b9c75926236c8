"""The tables of notifications."""

from domains.notifications.models.deliveries import Channel, Delivery, DeliveryState, Failure
from domains.notifications.models.feed import Notification
from domains.notifications.models.messages import ACCOUNT_FACTS, Message, MessageState
from domains.notifications.models.webhooks import (
    WEBHOOK_OPEN,
    EndpointState,
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookState,
)

__all__ = [
    "ACCOUNT_FACTS",
    "WEBHOOK_OPEN",
    "Channel",
    "Delivery",
    "DeliveryState",
    "EndpointState",
    "Failure",
    "Message",
    "MessageState",
    "Notification",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookEndpoint",
    "WebhookState",
]
