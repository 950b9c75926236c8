"""The tables of notifications."""

from domains.notifications.models.categories import (
    LONGEST_PERIOD,
    MOST_IN_A_PERIOD,
    Category,
    DefaultPreference,
    Frequency,
    Throttle,
)
from domains.notifications.models.chat import ChatEndpoint
from domains.notifications.models.deliveries import (
    OPEN,
    Channel,
    Delivery,
    DeliveryState,
    Failure,
)
from domains.notifications.models.feed import Notification
from domains.notifications.models.gathering import Digest, Passed
from domains.notifications.models.messages import (
    ACCOUNT_FACTS,
    Message,
    MessageState,
    Priority,
    Source,
)
from domains.notifications.models.phones import PhoneNumber, SentSms
from domains.notifications.models.preferences import Mute, Preference, Rhythm
from domains.notifications.models.providers import Provider
from domains.notifications.models.push import PushSubscription, VapidKey
from domains.notifications.models.suppressions import Cause, Suppression

__all__ = [
    "ACCOUNT_FACTS",
    "LONGEST_PERIOD",
    "MOST_IN_A_PERIOD",
    "OPEN",
    "Category",
    "Cause",
    "Channel",
    "ChatEndpoint",
    "DefaultPreference",
    "Delivery",
    "DeliveryState",
    "Digest",
    "Failure",
    "Frequency",
    "Message",
    "MessageState",
    "Mute",
    "Notification",
    "Passed",
    "PhoneNumber",
    "Preference",
    "Priority",
    "Provider",
    "PushSubscription",
    "Rhythm",
    "SentSms",
    "Source",
    "Suppression",
    "Throttle",
    "VapidKey",
]
