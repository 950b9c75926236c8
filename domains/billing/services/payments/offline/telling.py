"""The offline provider tells by webhooks: signed, and taken in like any, over no network."""

from __future__ import annotations

from datetime import datetime

from domains.billing.models import OfflineEvent
from domains.billing.services.payments.offline.webhooks import signed
from domains.billing.services.payments.webhooks import receive
from kernel.db import transaction

TOLD_AT_ONCE = 500


def tell(*, now: datetime) -> int:
    """Deliver what was not told yet; return how much that was. What fails is told again."""
    with transaction("billing"):
        waiting = OfflineEvent.objects.filter(delivered_at=None).order_by("id")
        events = list(waiting.select_for_update(skip_locked=True)[:TOLD_AT_ONCE])
        for event in events:
            body, headers = signed(event, now=now)
            receive(provider="test", body=body, headers=headers, now=now)
        OfflineEvent.objects.filter(id__in=[e.id for e in events]).update(delivered_at=now)
    return len(events)
