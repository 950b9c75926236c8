"""What every channel offers to sending: where a delivery goes, and through whom."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol
from uuid import UUID

from domains.notifications.models import Delivery, Failure
from domains.notifications.services.rendering.rendering import Content

LONGEST_REASON = 500


class AttemptFailed(Exception):
    """The attempt failed; `failure` decides what happens next, the text is for people.

    `wait` is for how long the far side wants to be left alone, where it said so.
    """

    def __init__(self, failure: Failure, reason: str, *, wait: timedelta | None = None) -> None:
        super().__init__(reason[:LONGEST_REASON])
        self.failure = failure
        self.wait = wait


class DestinationGone(Exception):
    """The place where it was to go is no more; the text, for people, says why."""


@dataclass(frozen=True, kw_only=True)
class Parcel:
    """What is handed over.

    `reference` is the same for every attempt, and another when staff have it sent anew: the far
    side may know a repeat by it. `unsubscribe` is a URL; empty where nobody may unsubscribe.
    """

    reference: str
    address: str
    content: Content
    kind: str
    urgent: bool = False
    unsubscribe: str = ""


class Connection(Protocol):
    """An open way to a provider."""

    def hand_over(self, parcel: Parcel) -> None:
        """Send it; raise `AttemptFailed` or `DestinationGone`.

        Where no answer came, it is uncertain.
        """


class Provider(Protocol):
    """Somebody who carries messages on.

    `name` stands in traces, `key` is what its breaker and its rate are kept under, `rate` is
    (messages, in so many seconds).
    """

    @property
    def name(self) -> str:
        """What people call it."""

    @property
    def key(self) -> str:
        """What tells it from every other provider of every channel."""

    @property
    def rate(self) -> tuple[int, int] | None:
        """How much it is given at most; None for any amount."""

    def connected(self) -> AbstractContextManager[Connection]:
        """Open a way to it for the block; raise `AttemptFailed` where that can't be done."""


@dataclass(frozen=True, kw_only=True)
class Route:
    """Through whom a delivery may go, the first choice first, and where to, as people read it."""

    address: str
    providers: tuple[Provider, ...]


class ChannelRoute(Protocol):
    """What each channel's module has as `route`."""

    def __call__(self, *, delivery: Delivery, organization_id: UUID | None) -> Route:
        """Return the way; raise `DestinationGone` if there is none any more."""
