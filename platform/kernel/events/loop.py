"""The relay as a process: every served domain's outbox and schedule, round after round."""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from types import FrameType

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connections
from redis import RedisError

from kernel import clock, dispatch, periodic
from kernel.events import relay, subscriptions

log = logging.getLogger(__name__)

LISTEN_SECONDS = 1.0
COLLECT_SECONDS = 0.5
RETRY_SECONDS = 1.0
LONGEST_PAUSE = 5.0
BATCHES_IN_A_ROW = 10


@dataclass
class Progress:
    """What the relay remembers of one domain; the times are of the monotonic clock."""

    schedule_at: datetime | None = None
    sent_at: float = 0.0
    held_back: bool = False
    retried_at: float = 0.0
    trouble: str = ""
    pause: float = 0.0
    pause_until: float = 0.0


class RelayLoop:
    """One relay. Any number may run at once: each row is locked by whoever sends it."""

    def __init__(self, domains: Sequence[str]) -> None:
        self.progress = {domain: Progress() for domain in domains}
        self.stopping = False

    def run(self) -> None:
        """Relay until SIGTERM or SIGINT."""
        for signum in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signum, self._stop)
        while not self.stopping:
            if not self.round():
                self._rest()

    def _stop(self, signum: int, frame: FrameType | None) -> None:
        self.stopping = True

    def round(self) -> int:
        """Serve each domain once; return how many events were sent.

        A domain in trouble is left alone for longer and longer, and delays no other.
        """
        sent = 0
        for domain, progress in self.progress.items():
            if self.stopping or time.monotonic() < progress.pause_until:
                continue
            try:
                sent += self._serve(domain, progress)
            except (RedisError, DatabaseError, InterfaceError) as error:
                _note_trouble(domain, progress, error)
        return sent

    def _serve(self, domain: str, progress: Progress) -> int:
        now = clock.now()
        if progress.schedule_at is None or now >= progress.schedule_at:
            progress.schedule_at = periodic.schedule(domain, now=now)
        if time.monotonic() - progress.retried_at >= RETRY_SECONDS:
            relay.send_retries(domain, now=now)
            progress.retried_at = time.monotonic()
        sent = self._relay(domain, progress)
        _note_recovery(domain, progress)
        return sent

    def _relay(self, domain: str, progress: Progress) -> int:
        """Send what is open; while listeners are busy, only full batches for half a second.

        A job costs as much as many events do, so small batches would be their own congestion.
        """
        total = 0
        for _ in range(BATCHES_IN_A_ROW):
            patient = time.monotonic() - progress.sent_at < COLLECT_SECONDS
            minimum = settings.EVENT_BATCH_SIZE if patient and _listeners_are_busy(domain) else 1
            sent = relay.relay(domain, now=clock.now(), minimum=minimum)
            progress.sent_at = time.monotonic() if sent else progress.sent_at
            progress.held_back = minimum > 1 and not sent
            total += sent
            if sent < settings.EVENT_BATCH_SIZE or self.stopping:
                break
        return total

    def _rest(self) -> None:
        held_back = any(progress.held_back for progress in self.progress.values())
        seconds = COLLECT_SECONDS if held_back else LISTEN_SECONDS
        try:
            dispatch.current().wait(list(self.progress), seconds)
        except RedisError:
            self._sleep(LISTEN_SECONDS)

    def _sleep(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self.stopping and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, 0.2))


def _listeners_are_busy(domain: str) -> bool:
    return any(dispatch.current().waiting(subscriptions.audience(domain)).values())


def _note_trouble(domain: str, progress: Progress, error: Exception) -> None:
    kind = type(error).__name__
    if progress.trouble != kind:
        log.warning("The relay of %s waits: %s: %s", domain, kind, error)
    progress.trouble = kind
    progress.pause = min(max(2 * progress.pause, 0.1), LONGEST_PAUSE)
    progress.pause_until = time.monotonic() + progress.pause
    if not isinstance(error, RedisError):
        connections[domain].close()


def _note_recovery(domain: str, progress: Progress) -> None:
    if progress.trouble:
        log.warning("The relay of %s goes on", domain)
    progress.trouble, progress.pause = "", 0.0
