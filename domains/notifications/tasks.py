"""The steps between event and mail, each rung for and each swept."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from domains.notifications.services.channels import phones, vapid
from domains.notifications.services.deciding import closing, digests, throttles
from domains.notifications.services.fanout import expansion
from domains.notifications.services.sending import attempts, gate
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


@job
def send_phone_code(account_id: str) -> None:
    """Send the code that proves a phone number; who gets none asks for another."""
    phones.send_code(account_id=UUID(account_id), now=present())


@periodic(every=timedelta(hours=1))
def renew_push_keys(*, now: datetime) -> None:
    """Have browsers subscribe with a new key once the present one has had its time."""
    vapid.renew(now=now)


@periodic(every=timedelta(hours=1))
def forget_healthy_providers(*, now: datetime) -> None:
    """Forget far sides that nothing was wrong with for long."""
    gate.forget_healthy(now=now)


@periodic(every=timedelta(seconds=30))
def expand_due_messages(*, now: datetime) -> None:
    """Expand what no job came for, or what failed and is due again."""
    _for_a_while(_expand, expansion.due_messages(now=now, limit=ROWS), now)


@periodic(every=timedelta(seconds=30))
def send_due_deliveries(*, now: datetime) -> None:
    """Send what no job came for, what failed and is due again, and what lost its worker."""
    _for_a_while(_send, attempts.due_deliveries(now=now, limit=ROWS), now)


@periodic(every=timedelta(seconds=30))
def close_due_digests(*, now: datetime) -> None:
    """Tell what was gathered and is due."""
    _for_a_while(_close, digests.due(now=now, limit=ROWS), now)


@periodic(every=timedelta(hours=1))
def forget_old_counts(*, now: datetime) -> None:
    """Forget what no throttle can count any more."""
    while throttles.forget_old(now=now, limit=ROWS) == ROWS:
        pass


def _expand(message_id: UUID, now: datetime) -> None:
    """Expand page after page for a while; what is left then, another job goes on with."""
    end = time.monotonic() + SECONDS
    more = True
    while more:
        if time.monotonic() > end:
            ring(expand_messages, [str(message_id)])
            return
        expanded = expansion.expand(message_id=message_id, now=max(now, present()))
        more = expanded.more
        for delivery_id in expanded.to_send:
            ring(send_delivery, str(delivery_id))


def _close(digest_id: UUID, now: datetime) -> None:
    delivery_id = closing.close(digest_id=digest_id, now=now)
    if delivery_id is not None:
        ring(send_delivery, str(delivery_id))


def _send(delivery_id: UUID, now: datetime) -> None:
    attempts.send(delivery_id=delivery_id, now=now)


def _for_a_while(step: Callable[[UUID, datetime], Any], ids: list[UUID], now: datetime) -> None:
    end = time.monotonic() + SECONDS
    for each in ids:
        if time.monotonic() > end:
            return
        step(each, now)
