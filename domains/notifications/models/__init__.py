"""The tables of notifications."""

from domains.notifications.models.deliveries import Channel, Delivery, DeliveryState, Failure
from domains.notifications.models.feed import Notification
from domains.notifications.models.messages import ACCOUNT_FACTS, Message, MessageState
from domains.notifications.models.templates import (
    KEY_LENGTH,
    Template,
    TemplateVersion,
    VersionState,
)

__all__ = [
    "ACCOUNT_FACTS",
    "KEY_LENGTH",
    "Channel",
    "Delivery",
    "DeliveryState",
    "Failure",
    "Message",
    "MessageState",
    "Notification",
    "Template",
    "TemplateVersion",
    "VersionState",
]
