"""Web push: encrypted for the browser (RFC 8291), signed as ours (RFC 8292)."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import parseaddr
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings

from domains.notifications.models import Delivery, PushSubscription
from domains.notifications.services.channels import posting, vapid
from domains.notifications.services.channels.port import DestinationGone, Parcel, Route
from kernel.crypto import decrypt
from kernel.db import transaction

# Push services take 4,096 bytes, encryption among them (RFC 8030, 7.2).
LONGEST_PAYLOAD = 3_000
# A browser that is away for longer learns of it in the feed.
TTL_SECONDS = 24 * 60 * 60
LONGEST_NAME = 40


@dataclass(frozen=True, kw_only=True)
class PushService:
    """The push service of one subscription, over which the message goes to its browser."""

    subscription: PushSubscription

    @property
    def name(self) -> str:
        """The push service's host."""
        return self.subscription.host[:LONGEST_NAME]

    @property
    def key(self) -> str:
        """What its breaker and its rate are kept under: it is one for all who use its browser."""
        return f"web_push:{self.subscription.host}"[:200]

    @property
    def rate(self) -> tuple[int, int] | None:
        """WEB_PUSH_RATE."""
        return settings.WEB_PUSH_RATE

    @contextlib.contextmanager
    def connected(self) -> Iterator[PushService]:
        """Give itself: each message has a connection of its own."""
        yield self

    def hand_over(self, parcel: Parcel) -> None:
        """Push it; raise as the port says. A subscription that is gone there is deleted here."""
        try:
            posting.post(
                url=self.subscription.endpoint,
                body=_encrypted(self.subscription, _payload(parcel)),
                headers=_headers(self.subscription, parcel),
            )
        except DestinationGone:
            with transaction("notifications"):
                PushSubscription.objects.filter(id=self.subscription.id).delete()
            raise


def route(*, delivery: Delivery, organization_id: UUID | None) -> Route:  # noqa: ARG001  the port's
    """Return the way to the browser; raise `DestinationGone` if it was unsubscribed."""
    if delivery.account_id is None:
        raise DestinationGone("it is to nobody in person")
    found = PushSubscription.objects.select_related("vapid_key").filter(
        id=delivery.recipient, account_id=delivery.account_id
    )
    subscription = found.first()
    if subscription is None:
        raise DestinationGone("the browser was unsubscribed")
    return Route(address=subscription.host, providers=(PushService(subscription=subscription),))


def _payload(parcel: Parcel) -> bytes:
    """Return what the page's service worker reads; the body is cut to what a push may hold.

    The same `tag` for every attempt: a browser shows the later one in the place of the earlier.
    """
    told = {
        "id": parcel.reference,
        "tag": parcel.reference,
        "kind": parcel.kind,
        "title": parcel.content.subject,
        "body": parcel.content.text,
    }
    while len(written := json.dumps(told, ensure_ascii=False).encode()) > LONGEST_PAYLOAD:
        excess = len(written) - LONGEST_PAYLOAD
        told["body"] = told["body"][: -max(excess // 4, 2)].rstrip("…") + "…"
    return written


def _encrypted(subscription: PushSubscription, payload: bytes) -> bytes:
    # It brings aiohttp and requests along, which no process holds that doesn't push.
    from pywebpush import WebPusher

    keys = json.loads(decrypt(subscription.keys_encrypted))
    told = {"endpoint": subscription.endpoint, "keys": keys}
    encrypted: bytes = WebPusher(told).encode(payload, content_encoding="aes128gcm")["body"]
    return encrypted


def _headers(subscription: PushSubscription, parcel: Parcel) -> dict[str, str]:
    endpoint = urlsplit(subscription.endpoint)
    signed = vapid.sign(
        key=subscription.vapid_key,
        audience=f"{endpoint.scheme}://{endpoint.netloc}",
        subject=f"mailto:{parseaddr(settings.DEFAULT_FROM_EMAIL)[1]}",
    )
    return {
        **signed,
        "Content-Type": "application/octet-stream",
        "Content-Encoding": "aes128gcm",
        "TTL": str(TTL_SECONDS),
        "Urgency": "high" if parcel.urgent else "normal",
        # A repeat replaces what still waits at the push service (RFC 8030, 5.4): 32 characters.
        "Topic": parcel.reference.partition(".")[0],
    }
