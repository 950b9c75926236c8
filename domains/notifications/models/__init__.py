"""The tables of notifications."""

from domains.notifications.models.chat import ChatEndpoint
from domains.notifications.models.deliveries import Channel, Delivery, DeliveryState, Failure
from domains.notifications.models.feed import Notification
from domains.notifications.models.messages import ACCOUNT_FACTS, Message, MessageState
from domains.notifications.models.phones import PhoneNumber, SentSms
from domains.notifications.models.providers import Provider
from domains.notifications.models.push import PushSubscription, VapidKey
from domains.notifications.models.suppressions import Cause, Suppression

__all__ = [
    "ACCOUNT_FACTS",
    "Cause",
    "Channel",
    "ChatEndpoint",
    "Delivery",
    "DeliveryState",
    "Failure",
    "Message",
    "MessageState",
    "Notification",
    "PhoneNumber",
    "Provider",
    "PushSubscription",
    "SentSms",
    "Suppression",
    "VapidKey",
]
