"""The steps between event and mail, each rung for and each swept."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from domains.notifications.services.fanout import expansion
from domains.notifications.services.sending import attempts
from domains.notifications.services.webhooks import claims, retention, sending
from kernel.clock import now as present
from kernel.jobs import job, periodic, ring

# It ends well within the time that a job may take; the next sweep goes on.
SECONDS = 20
ROWS = 1_000


@job
def expand_messages(message_ids: list[str]) -> None:
    """Make feed items and deliveries from messages, and have the deliveries sent."""
    _for_a_while(_expand, [UUID(message_id) for message_id in message_ids], present())


@job
def send_delivery(delivery_id: str) -> None:
    """Send one delivery."""
    attempts.send(delivery_id=UUID(delivery_id), now=present())


@periodic(every=timedelta(seconds=30))
def expand_due_messages(*, now: datetime) -> None:
    """Expand what no job came for, or what failed and is due again."""
    _for_a_while(_expand, expansion.due_messages(now=now, limit=ROWS), now)


@periodic(every=timedelta(seconds=30))
def send_due_deliveries(*, now: datetime) -> None:
    """Send what no job came for, what failed and is due again, and what lost its worker."""
    _for_a_while(_send, attempts.due_deliveries(now=now, limit=ROWS), now)


@job
def send_webhooks() -> None:
    """Send the webhooks that are due; if some are left, go on behind what else waits."""
    if sending.send_due(clock=present) and claims.is_due(now=present()):
        ring(send_webhooks)


@periodic(every=timedelta(seconds=10))
def send_due_webhooks(*, now: datetime) -> None:
    """Have those sent that no job came for, that failed and are due again, or lost their worker."""
    if claims.is_due(now=now):
        sending.send_due(clock=lambda: max(now, present()))


@periodic(every=timedelta(hours=1))
def forget_webhooks(*, now: datetime) -> None:
    """Delete what the log of webhooks no longer keeps."""
    _while_some(partial(retention.forget_old, now=now))


def _while_some(step: Callable[[], int]) -> None:
    end = time.monotonic() + SECONDS
    while step() and time.monotonic() < end:
        pass


def _expand(message_id: UUID, now: datetime) -> None:
    for delivery_id in expansion.expand(message_id=message_id, now=now):
        ring(send_delivery, str(delivery_id))


def _send(delivery_id: UUID, now: datetime) -> None:
    attempts.send(delivery_id=delivery_id, now=now)


def _for_a_while(step: Callable[[UUID, datetime], Any], ids: list[UUID], now: datetime) -> None:
    end = time.monotonic() + SECONDS
    for each in ids:
        if time.monotonic() > end:
            return
        step(each, now)
