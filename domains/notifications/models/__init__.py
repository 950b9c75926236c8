"""The tables of notifications."""

from domains.notifications.models.deliveries import Channel, Delivery, DeliveryState, Failure
from domains.notifications.models.feed import Notification
from domains.notifications.models.messages import ACCOUNT_FACTS, Message, MessageState

__all__ = [
    "ACCOUNT_FACTS",
    "Channel",
    "Delivery",
    "DeliveryState",
    "Failure",
    "Message",
    "MessageState",
    "Notification",
]
