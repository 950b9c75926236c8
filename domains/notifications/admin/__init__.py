"""Notifications as staff see them: what was told to whom, what left, and why something did not."""

from domains.notifications.admin import deciding, deliveries, feed, messages, panels

__all__ = ["deciding", "deliveries", "feed", "messages", "panels"]
