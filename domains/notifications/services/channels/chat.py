"""Chat: incoming webhooks as Slack has them, and Mattermost, Rocket.Chat and others after it."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings

from domains.notifications.models import ChatEndpoint, Delivery
from domains.notifications.services.channels import posting
from domains.notifications.services.channels.port import DestinationGone, Parcel, Route
from kernel.clock import now as present
from kernel.crypto import decrypt
from kernel.db import transaction

LONGEST_TEXT = 3_000
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


@dataclass(frozen=True, kw_only=True)
class ChatWebhook:
    """One endpoint of one organization: a provider to itself, so that it troubles nobody else."""

    endpoint: ChatEndpoint

    @property
    def name(self) -> str:
        """The host."""
        return self.endpoint.host[:40]

    @property
    def key(self) -> str:
        """What its breaker and its rate are kept under."""
        return f"chat:{self.endpoint.id}"

    @property
    def rate(self) -> tuple[int, int] | None:
        """CHAT_RATE."""
        return settings.CHAT_RATE

    @contextlib.contextmanager
    def connected(self) -> Iterator[ChatWebhook]:
        """Give itself: each message has a connection of its own."""
        yield self

    def hand_over(self, parcel: Parcel) -> None:
        """Post it; raise as the port says. An endpoint that is gone there is disabled here."""
        try:
            posting.post(
                url=decrypt(self.endpoint.url_encrypted),
                body=json.dumps({"text": text_of(parcel)}).encode(),
                headers={
                    "Content-Type": "application/json; charset=utf-8",
                    # Slack knows no repeats by it; what stands between may.
                    "Idempotency-Key": parcel.reference,
                },
            )
        except DestinationGone as gone:
            disable(self.endpoint, because=str(gone), now=present())
            raise


def route(*, delivery: Delivery, organization_id: UUID | None) -> Route:
    """Return the way to the endpoint; raise `DestinationGone` if it takes this no more."""
    if organization_id is None:
        raise DestinationGone("it is about no organization")
    rows = ChatEndpoint.objects.within(organization_id)
    endpoint = rows.filter(id=delivery.recipient, disabled_at=None).first()
    if endpoint is None:
        raise DestinationGone("the chat endpoint was removed or disabled")
    if endpoint.categories and delivery.category not in endpoint.categories:
        raise DestinationGone("the chat endpoint doesn't take this category")
    return Route(address=endpoint.host, providers=(ChatWebhook(endpoint=endpoint),))


def disable(endpoint: ChatEndpoint, *, because: str, now: datetime) -> None:
    """Post there no more, until somebody enables it."""
    with transaction("notifications"):
        rows = ChatEndpoint.objects.within(endpoint.organization_id).filter(id=endpoint.id)
        rows.filter(disabled_at=None).update(disabled_at=now, disabled_because=because[:500])


def text_of(parcel: Parcel) -> str:
    """Return the text: nothing in it is markup, and nobody is called by it."""
    lines = [parcel.content.subject, parcel.content.text]
    text = "\n".join(line for line in lines if line)
    if len(text) > LONGEST_TEXT:
        text = f"{text[: LONGEST_TEXT - 1]}…"
    return text.translate(_ESCAPES)
