"""The tables of notifications."""

from domains.notifications.models.deliveries import Channel, Delivery, DeliveryState, Failure
from domains.notifications.models.feed import Feed, Notification, StreamTicket
from domains.notifications.models.messages import ACCOUNT_FACTS, Message, MessageState

__all__ = [
    "ACCOUNT_FACTS",
    "Channel",
    "Delivery",
    "DeliveryState",
    "Failure",
    "Feed",
    "Message",
    "MessageState",
    "Notification",
    "StreamTicket",
]
