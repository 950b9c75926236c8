"""Notifications as staff see them: what was told to whom, what left, and why something did not."""

from domains.notifications.admin import (
    channels,
    deciding,
    deliveries,
    feed,
    messages,
    panels,
    providers,
)

__all__ = ["channels", "deciding", "deliveries", "feed", "messages", "panels", "providers"]
