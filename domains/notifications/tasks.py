"""The steps between event and delivery, each rung for and each swept; and the hourly upkeep."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from domains.notifications.services.channels import phones, vapid
from domains.notifications.services.deciding import closing, digests, throttles
from domains.notifications.services.fanout import expansion
from domains.notifications.services.feed import removing
from domains.notifications.services.sending import attempts, gate
from domains.notifications.services.templates import previewing
from domains.notifications.services.webhooks import claims, retention, sending
from kernel.clock import now as present
from kernel.jobs import job, periodic, ring

# It ends well within the time that a job may take; the next sweep goes on.
SECONDS = 20
ROWS = 1_000
# Few enough that one slow server holds up few others.
DELIVERIES_OF_A_JOB = 25


@job
def expand_messages(message_ids: list[str]) -> None:
    """Make feed items and deliveries from messages, and have the deliveries sent."""
    _for_a_while(_expand, [UUID(message_id) for message_id in message_ids], present())


@job
def send_deliveries(delivery_ids: list[str]) -> None:
    """Send deliveries, one after the other; what is left then, the next sweep sends."""
    _for_a_while(_send, [UUID(delivery_id) for delivery_id in delivery_ids], present())


@job
def send_webhooks() -> None:
    """Send the webhooks that are due; if some are left, go on behind what else waits."""
    if sending.send_due(clock=present) and claims.is_due(now=present()):
        ring(send_webhooks)


@job
def send_phone_code(account_id: str) -> None:
    """Send the code that proves a phone number; who gets none asks for another."""
    phones.send_code(account_id=UUID(account_id), now=present())


@job
def send_test_mail(account_id: str, subject: str, text: str, html: str) -> None:
    """Send whoever writes a template what it looks like."""
    previewing.deliver_test(account_id=UUID(account_id), subject=subject, text=text, html=html)


@periodic(every=timedelta(seconds=30))
def expand_due_messages(*, now: datetime) -> None:
    """Expand what no job came for, or what failed and is due again."""
    _for_a_while(_expand, expansion.due_messages(now=now, limit=ROWS), now)


@periodic(every=timedelta(seconds=30))
def send_due_deliveries(*, now: datetime) -> None:
    """Send what no job came for, what failed and is due again, and what lost its worker."""
    _for_a_while(_send, attempts.due_deliveries(now=now, limit=ROWS), now)


@periodic(every=timedelta(seconds=10))
def send_due_webhooks(*, now: datetime) -> None:
    """Have those sent that no job came for, that failed and are due again, or lost their worker."""
    if claims.is_due(now=now):
        sending.send_due(clock=lambda: max(now, present()))


@periodic(every=timedelta(seconds=30))
def close_due_digests(*, now: datetime) -> None:
    """Tell what was gathered and is due."""
    _for_a_while(_close, digests.due(now=now, limit=ROWS), now)


@periodic(every=timedelta(hours=1))
def renew_push_keys(*, now: datetime) -> None:
    """Have browsers subscribe with a new key once the present one has had its time."""
    vapid.renew(now=now)


@periodic(every=timedelta(hours=1))
def forget_old_counts(*, now: datetime) -> None:
    """Forget what no throttle can count any more, and far sides that nothing was wrong with."""
    gate.forget_healthy(now=now)
    _while_some(partial(throttles.forget_old, now=now, limit=ROWS))


@periodic(every=timedelta(hours=1))
def clear_feeds(*, now: datetime) -> None:
    """Forget old items that are done with, and tickets that nobody came with."""
    removing.forget_tickets(now=now)
    _while_some(partial(removing.forget_done, now=now))


@periodic(every=timedelta(hours=1))
def forget_webhooks(*, now: datetime) -> None:
    """Delete what the log of webhooks no longer keeps."""
    _while_some(partial(retention.forget_old, now=now))


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
        _ring_for(expanded.to_send)


def _close(digest_id: UUID, now: datetime) -> None:
    delivery_id = closing.close(digest_id=digest_id, now=now)
    if delivery_id is not None:
        _ring_for([delivery_id])


def _ring_for(delivery_ids: Sequence[UUID]) -> None:
    ids = [str(delivery_id) for delivery_id in delivery_ids]
    for start in range(0, len(ids), DELIVERIES_OF_A_JOB):
        ring(send_deliveries, ids[start : start + DELIVERIES_OF_A_JOB])


def _send(delivery_id: UUID, now: datetime) -> None:
    attempts.send(delivery_id=delivery_id, now=now)


def _for_a_while(step: Callable[[UUID, datetime], Any], ids: list[UUID], now: datetime) -> None:
    end = time.monotonic() + SECONDS
    for each in ids:
        if time.monotonic() > end:
            return
        step(each, now)


def _while_some(step: Callable[[], int]) -> None:
    end = time.monotonic() + SECONDS
    while step() and time.monotonic() < end:
        pass
