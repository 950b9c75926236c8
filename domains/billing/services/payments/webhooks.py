"""What providers tell: kept once before it is answered, and applied by a job.

A webhook is only a reason to look: the job fetches the object as it is now and passes it through
the state machine, so that duplicates, reversed order and delay all end in the same state.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet

from domains.billing.contract.payment_errors import ProviderNotFound, WebhookRefused
from domains.billing.models import ProviderEvent
from domains.billing.services.payments import providers
from domains.billing.services.payments.port import Topic, WebhookForged
from kernel.db import transaction
from kernel.jobs import ring

CLAIMED_AT_ONCE = 500
LEASE = timedelta(minutes=2)
State = ProviderEvent.State


def receive(*, provider: str, body: bytes, headers: Mapping[str, str], now: datetime) -> None:
    """Keep what the provider tells, once, and have it applied soon.

    Raises `ProviderNotFound`, and `WebhookRefused` for what the provider didn't sign.
    """
    adapter = providers.find(provider)
    if adapter is None:
        raise ProviderNotFound
    try:
        told = adapter.parse_webhook(body=body, headers=headers, now=now)
    except WebhookForged:
        raise WebhookRefused from None
    ignored = adapter.topic_of(told.kind) is Topic.NONE
    row = ProviderEvent(
        provider=provider,
        event_id=told.event_id,
        kind=told.kind,
        reference=told.reference,
        state=State.IGNORED if ignored else State.WAITING,
        received_at=now,
        due_at=now + LEASE,
        settled_at=now if ignored else None,
    )
    with transaction("billing"):
        ProviderEvent.objects.bulk_create([row], ignore_conflicts=True)
        if not ignored and ProviderEvent.objects.filter(id=row.id).exists():
            ring("billing.apply_provider_event", str(row.id))


def claim_due(*, now: datetime) -> list[UUID]:
    """Return the events that wait to be applied; give each its next turn."""
    with transaction("billing"):
        due = ProviderEvent.objects.filter(state=State.WAITING, due_at__lte=now)
        chosen = due.order_by("due_at").select_for_update(skip_locked=True)[:CLAIMED_AT_ONCE]
        claimed = list(chosen.values_list("id", flat=True))
        ProviderEvent.objects.filter(id__in=claimed).update(due_at=now + LEASE)
    return claimed


def find(*, since: datetime | None, quarantined: bool) -> QuerySet[ProviderEvent]:
    """Return what was told since then; with `quarantined` what could not be applied alone."""
    events = ProviderEvent.objects.exclude(state=State.IGNORED)
    if quarantined:
        events = events.filter(state=State.QUARANTINED)
    return events if since is None else events.filter(received_at__gte=since)


def replay(*, events: QuerySet[ProviderEvent], now: datetime) -> int:
    """Have the events applied once more, whatever became of them; return how many."""
    with transaction("billing"):
        ids: Sequence[UUID] = list(events.values_list("id", flat=True))
        ProviderEvent.objects.filter(id__in=ids).update(
            state=State.WAITING, attempts=0, error="", due_at=now, settled_at=None
        )
        if ids:
            ring("billing.apply_due_provider_events")
    return len(ids)
