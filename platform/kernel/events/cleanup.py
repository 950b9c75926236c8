"""Clearing away what has served its time.

The inbox is kept longer than anything is sent again; dead events are kept until they are replayed.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from kernel import periodic
from kernel.models import Inbox, Outbox, PeriodicRun

EVERY = timedelta(hours=1)
KEEP_OUTBOX = timedelta(days=7)
KEEP_INBOX = timedelta(days=30)
KEEP_PERIODIC_RUNS = timedelta(days=2)


def clean_up(*, domain: str, now: datetime) -> None:
    """Delete the domain's closed outbox rows, inbox rows and periodic runs that are old enough."""
    Outbox.objects.using(domain).filter(closed_at__lt=now - KEEP_OUTBOX).delete()
    Inbox.objects.using(domain).filter(handled_at__lt=now - KEEP_INBOX).delete()
    PeriodicRun.objects.using(domain).filter(run_at__lt=now - KEEP_PERIODIC_RUNS).delete()


def register(domain: str) -> None:
    """Have the domain's tables of events cleaned up regularly."""
    name = f"{domain}.clean_up_events"
    periodic.add(
        periodic.PeriodicTask(name=name, every=EVERY, run=partial(clean_up, domain=domain))
    )
