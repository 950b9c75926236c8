"""The offline provider's webhooks, signed as Standard Webhooks 1.0 has it."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from domains.billing.models import OfflineEvent
from domains.billing.services.payments.port import Told, Topic, WebhookForged
from kernel.crypto import sign

TOLERANCE = timedelta(minutes=5)
_TOPICS = frozenset({"charge", "refund", "dispute"})


def signing_key() -> bytes:
    """Return the key that the offline provider signs with, and nobody else."""
    return bytes.fromhex(sign("offline-provider-webhooks", b""))


def signed(event: OfflineEvent, *, now: datetime) -> tuple[bytes, dict[str, str]]:
    """Return the body and the headers of the event's webhook."""
    body = json.dumps({"type": event.kind, "data": {"id": event.reference}}).encode()
    stamp = str(int(now.timestamp()))
    headers = {
        "webhook-id": f"evt_{event.id}",
        "webhook-timestamp": stamp,
        "webhook-signature": "v1," + _mac(f"evt_{event.id}", stamp, body),
    }
    return body, headers


def parse(*, body: bytes, headers: Mapping[str, str], now: datetime) -> Told:
    """Return what the webhook tells; raise `WebhookForged` if it isn't signed, or is too old."""
    given = {name.lower(): value for name, value in headers.items()}
    event_id, stamp = given.get("webhook-id", ""), given.get("webhook-timestamp", "")
    signatures = given.get("webhook-signature", "").split()
    expected = "v1," + _mac(event_id, stamp, body)
    if not any(hmac.compare_digest(expected.encode(), one.encode()) for one in signatures):
        raise WebhookForged
    if abs(now - datetime.fromtimestamp(int(stamp), UTC)) > TOLERANCE:
        raise WebhookForged
    document = json.loads(body)
    return Told(event_id=event_id, kind=document["type"], reference=document["data"]["id"])


def topic_of(kind: str) -> Topic:
    """Return what events of this kind are about: "charge.succeeded" is about a charge."""
    about = kind.partition(".")[0]
    return Topic(about) if about in _TOPICS else Topic.NONE


def _mac(event_id: str, stamp: str, body: bytes) -> str:
    signed = f"{event_id}.{stamp}.".encode() + body
    return b64encode(hmac.digest(signing_key(), signed, hashlib.sha256)).decode()
