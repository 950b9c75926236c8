"""Where people can be reached beside their address, and which addresses must not be written to."""

from __future__ import annotations

from domains.notifications.models import Channel
from domains.notifications.services.channels.destinations import (
    Destination,
    destinations,
    organization_destinations,
)
from domains.notifications.services.sending.suppressions import suppressed

__all__ = ["PERSONAL", "Destination", "destinations", "organization_destinations", "suppressed"]

PERSONAL = (Channel.WEB_PUSH, Channel.SMS)
