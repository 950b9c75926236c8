"""Clearing away answers that are too old to be replayed, and counts of the past."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from django.conf import settings

from kernel import periodic

EVERY = timedelta(minutes=10)


def register() -> None:
    """Have every served domain's tables cleaned up regularly."""
    for domain in settings.DOMAINS:
        name = f"{domain}.purge_idempotency_records"
        task = periodic.PeriodicTask(name=name, every=EVERY, run=partial(_purge, domain=domain))
        periodic.add(task)


def _purge(*, domain: str, now: datetime) -> None:
    from kernel.idempotency import purge_expired  # the models are not there yet at registration

    purge_expired(domain, now)
