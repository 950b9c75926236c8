"""Notifications as staff see them: what was told to whom, what left, and why something did not."""

from domains.notifications.admin import deliveries, feed, messages, panels, templates

__all__ = ["deliveries", "feed", "messages", "panels", "templates"]
