"""The request of one attempt, and what came of it; nothing here touches the database."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from domains.notifications.models import WebhookDelivery
from domains.notifications.services.outbound import client
from domains.notifications.services.outbound.errors import OutboundError
from domains.notifications.services.webhooks import secrets, signatures
from kernel.crypto import CannotDecrypt

logger = logging.getLogger(__name__)

SECONDS = 10.0
MOST_KEPT = 4_000
_MOST_HEADERS = 30
_MOST_OF_A_HEADER = 500
# What the far side may use to know us again is nobody else's business.
_WITHHELD = frozenset({"set-cookie", "www-authenticate", "proxy-authenticate", "authorization"})
_GONE = 410


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How an attempt went; without a status there was no answer, and `error` says why."""

    attempted_at: datetime
    request_headers: dict[str, str]
    status: int | None = None
    response_headers: dict[str, str] = field(default_factory=dict)
    response: str = ""
    retry_after: str = ""
    latency_ms: int | None = None
    error: str = ""

    @property
    def succeeded(self) -> bool:
        """Whether the far side has taken it: a redirect has not."""
        return self.status is not None and 200 <= self.status < 300  # noqa: PLR2004

    @property
    def gone(self) -> bool:
        """Whether the far side wants nothing more, ever."""
        return self.status == _GONE


def attempt(*, delivery: WebhookDelivery, now: datetime) -> Outcome:
    """Send the webhook once, signed as of now, and return what came of it; it raises nothing."""
    sent = {"content-type": "application/json"}
    error = "It failed on our side."
    try:
        return _sent(delivery, now, sent)
    except OutboundError as failure:
        error = str(failure)
    except CannotDecrypt:
        error = "Our copy of the secret can't be read; rotate it."
    except Exception:
        # One webhook must not take those with it that are on their way beside it.
        logger.exception("A webhook failed", extra={"delivery_id": str(delivery.id)})
    return Outcome(attempted_at=now, request_headers=sent, error=error)


def _sent(delivery: WebhookDelivery, now: datetime, sent: dict[str, str]) -> Outcome:
    by = secrets.signers(delivery.endpoint, now=now)
    signed = signatures.headers(event_id=delivery.event_id, at=now, body=delivery.body, by=by)
    sent |= {name: signed[name] for name in ("webhook-id", "webhook-timestamp")}
    answer = client.post(
        url=delivery.endpoint.url,
        body=delivery.body.encode(),
        headers={**sent, **signed},
        seconds=SECONDS,
        most_read=MOST_KEPT,
    )
    return Outcome(
        attempted_at=now,
        request_headers=sent,
        status=answer.status,
        response_headers=_kept(answer.headers),
        response=_readable(answer.body),
        retry_after=answer.headers.get("retry-after", ""),
        latency_ms=answer.latency_ms,
    )


def _kept(headers: Mapping[str, str]) -> dict[str, str]:
    told = [(name, text) for name, text in headers.items() if name not in _WITHHELD]
    return {name[:100]: text[:_MOST_OF_A_HEADER] for name, text in told[:_MOST_HEADERS]}


def _readable(body: bytes) -> str:
    # PostgreSQL keeps every character but this one.
    return body.decode(errors="replace").replace("\x00", "\ufffd")
