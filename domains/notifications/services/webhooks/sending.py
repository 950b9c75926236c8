"""The second step: what is due is claimed, sent side by side, and settled as answers come.

Threads send and this one alone speaks to the database, so that slow servers hold no connection of
it, and one that doesn't answer holds up a few threads and no other endpoint.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime

from domains.notifications.models import WebhookDelivery
from domains.notifications.services.webhooks.attempts import Outcome, attempt
from domains.notifications.services.webhooks.claims import claim
from domains.notifications.services.webhooks.settling import settle

THREADS = 32
# New ones are begun for so long; those under way then end by their own time limit.
SECONDS = 5.0
# Answers that come within this are settled together.
_TOGETHER = 0.02

Clock = Callable[[], datetime]


def send_due(*, clock: Clock, seconds: float = SECONDS) -> int:
    """Send what is due, for so long at most; return how many attempts were made."""
    ends, made = time.monotonic() + seconds, 0
    flying: dict[Future[Outcome], WebhookDelivery] = {}
    with ThreadPoolExecutor(THREADS, thread_name_prefix="webhook") as pool:
        while True:
            room = THREADS - len(flying)
            if room and time.monotonic() < ends:
                flying |= _begin(pool, claim(limit=room, now=clock()), clock)
            if not flying:
                return made
            landed = _landed(flying)
            settle(done=[(flying.pop(each), each.result()) for each in landed], now=clock())
            made += len(landed)


def _begin(
    pool: ThreadPoolExecutor, claimed: Iterable[WebhookDelivery], clock: Clock
) -> dict[Future[Outcome], WebhookDelivery]:
    return {pool.submit(attempt, delivery=delivery, now=clock()): delivery for delivery in claimed}


def _landed(flying: dict[Future[Outcome], WebhookDelivery]) -> list[Future[Outcome]]:
    wait(flying, return_when=FIRST_COMPLETED)
    done, _ = wait(flying, timeout=_TOGETHER)
    return list(done)
