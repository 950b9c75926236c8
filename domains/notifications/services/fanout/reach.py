"""Where people can be reached beside their address, and which addresses must not be written to.

The destinations of push, SMS and chat, and the list of suppressed addresses, plug in here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol
from uuid import UUID

from domains.notifications.models import Channel

PERSONAL = (Channel.WEB_PUSH, Channel.SMS)


class Destination(Protocol):
    """A way to reach somebody by one channel."""

    @property
    def id(self) -> str: ...

    @property
    def address(self) -> str: ...


def destinations(
    *,
    channel: str,  # noqa: ARG001
    account_ids: list[UUID],  # noqa: ARG001
) -> Mapping[UUID, Sequence[Destination]]:
    """Return the destinations of each account in the channel, of those who have any."""
    return {}


def organization_destinations(
    *,
    channel: str,  # noqa: ARG001
    organization_id: UUID,  # noqa: ARG001
    category: str,  # noqa: ARG001
) -> Sequence[Destination]:
    """Return the destinations of the organization itself in the channel."""
    return ()


def suppressed(
    *,
    channel: str,  # noqa: ARG001
    addresses: list[str],  # noqa: ARG001
    category: str,  # noqa: ARG001
    organization_id: UUID | None,  # noqa: ARG001
    mandatory: bool,  # noqa: ARG001
) -> set[str]:
    """Return those of the addresses that must not be written to about the category."""
    return set()
