"""The tables of notifications."""

from domains.notifications.models.categories import (
    LONGEST_PERIOD,
    MOST_IN_A_PERIOD,
    Category,
    DefaultPreference,
    Frequency,
    Throttle,
)
from domains.notifications.models.deliveries import Channel, Delivery, DeliveryState, Failure
from domains.notifications.models.feed import Notification
from domains.notifications.models.gathering import Digest, Passed
from domains.notifications.models.messages import (
    ACCOUNT_FACTS,
    Message,
    MessageState,
    Priority,
    Source,
)
from domains.notifications.models.preferences import Mute, Preference, Rhythm

__all__ = [
    "ACCOUNT_FACTS",
    "LONGEST_PERIOD",
    "MOST_IN_A_PERIOD",
    "Category",
    "Channel",
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
    "Preference",
    "Priority",
    "Rhythm",
    "Source",
    "Throttle",
]
