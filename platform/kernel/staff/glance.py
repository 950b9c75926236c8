"""How the events of each domain are doing, for the first page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import OperationalError
from django.db.models import Min

from kernel.models import FailedEvent, Outbox


@dataclass(frozen=True, kw_only=True)
class EventsAtAGlance:
    """How a domain's events are doing; nothing but the name is known while its database is away."""

    domain: str
    away: bool = False
    open: int = 0
    age: str = ""
    waiting: int = 0
    dead: int = 0

    @property
    def title(self) -> str:
        """The domain's name as staff read it."""
        return self.domain.capitalize()


def events_at_a_glance(*, now: datetime) -> list[EventsAtAGlance]:
    """Return how the events of each served domain are doing."""
    return [_of_domain(domain, now=now) for domain in settings.DOMAINS]


def rounded(duration: timedelta) -> str:
    """Return the duration in whole seconds."""
    return str(timedelta(seconds=max(round(duration.total_seconds()), 0)))


def _of_domain(domain: str, *, now: datetime) -> EventsAtAGlance:
    opened = Outbox.objects.using(domain).filter(closed_at=None)
    failed = FailedEvent.objects.using(domain)
    try:
        oldest = opened.aggregate(oldest=Min("occurred_at"))["oldest"]
        return EventsAtAGlance(
            domain=domain,
            open=opened.count(),
            age=rounded(now - oldest) if oldest else "",
            waiting=failed.filter(dead_at=None).count(),
            dead=failed.filter(dead_at__isnull=False).count(),
        )
    except OperationalError:
        return EventsAtAGlance(domain=domain, away=True)
