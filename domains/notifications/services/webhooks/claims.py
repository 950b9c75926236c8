"""Whose turn a webhook is: claimed in batches by one worker, a few of each endpoint at a time.

A claim ends by itself: what a worker took with it when it died is sent once more, as the same
webhook-id, and counts as a failed attempt.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce

from domains.notifications.models import (
    WEBHOOK_OPEN,
    EndpointState,
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookState,
)
from domains.notifications.services.webhooks.schedule import MOST_ATTEMPTS
from kernel.db import transaction

# Longer than a worker takes from the claim to the settlement.
CLAIM = timedelta(minutes=2)
MOST_IN_FLIGHT = 10
LOST = "The worker was lost after it had begun; it may have arrived."


def claim(*, limit: int, now: datetime) -> list[WebhookDelivery]:
    """Return webhooks that are due, claimed, each with its endpoint; at most so many.

    The endpoints that waited longest come first, each with a few: at most `MOST_IN_FLIGHT` of one
    are on their way, one alone where order was asked for or the last attempt failed.
    """
    found: list[WebhookDelivery] = []
    with transaction("notifications"):
        endpoints = list(_waiting(now)[:limit])
        in_flight = _in_flight(endpoints, now)
        for endpoint in endpoints:
            room = min(_most_of(endpoint) - in_flight[endpoint.id], limit - len(found))
            if room > 0:
                found += _next(endpoint, room, now)
            if len(found) >= limit:
                break
        _note_lost(found, now)
        return _take(found, now)


def _waiting(now: datetime) -> QuerySet[WebhookEndpoint]:
    """The endpoints that have something due, locked: nobody else takes of them meanwhile."""
    theirs = WebhookDelivery.objects.everywhere().filter(endpoint=OuterRef("id"))
    due = theirs.filter(state__in=WEBHOOK_OPEN, due_at__lte=now)
    claimed = theirs.filter(state=WebhookState.CLAIMED, due_at__gt=now).order_by()
    in_flight = claimed.values("endpoint").annotate(n=Count("id")).values("n")
    one = Q(is_ordered=True) | Q(failing_since__isnull=False)
    active = WebhookEndpoint.objects.everywhere().filter(Exists(due), state=EndpointState.ACTIVE)
    free = active.alias(
        in_flight=Coalesce(Subquery(in_flight), 0),
        most=Case(When(one, then=1), default=MOST_IN_FLIGHT),
    ).filter(in_flight__lt=F("most"))
    locked = free.select_for_update(skip_locked=True, of=("self",), no_key=True)
    return locked.order_by("claimed_at", "id")


def _most_of(endpoint: WebhookEndpoint) -> int:
    return 1 if endpoint.is_ordered or endpoint.failing_since else MOST_IN_FLIGHT


def _in_flight(endpoints: Sequence[WebhookEndpoint], now: datetime) -> Counter[UUID]:
    """Counted anew under the lock: another worker may have claimed some just before."""
    claimed = WebhookDelivery.objects.everywhere().filter(
        endpoint__in=endpoints, state=WebhookState.CLAIMED, due_at__gt=now
    )
    return Counter(claimed.values_list("endpoint_id", flat=True))


def _next(endpoint: WebhookEndpoint, room: int, now: datetime) -> list[WebhookDelivery]:
    waiting = endpoint.deliveries.filter(state__in=WEBHOOK_OPEN).select_for_update(of=("self",))
    if endpoint.is_ordered:
        first = waiting.order_by("id").first()
        found = [first] if first and first.due_at <= now else []
    else:
        found = list(waiting.filter(due_at__lte=now).order_by("due_at", "id")[:room])
    for delivery in found:
        delivery.endpoint = endpoint
    return found


def _note_lost(found: Sequence[WebhookDelivery], now: datetime) -> None:
    WebhookAttempt.objects.bulk_create(
        WebhookAttempt(delivery=delivery, attempted_at=now, request_headers={}, error=LOST)
        for delivery in found
        if delivery.state == WebhookState.CLAIMED
    )


def _take(found: Sequence[WebhookDelivery], now: datetime) -> list[WebhookDelivery]:
    """Claim those that have attempts left and give up the others, each by one statement."""
    taken = [delivery for delivery in found if delivery.attempts < MOST_ATTEMPTS]
    over = [delivery.id for delivery in found if delivery.attempts >= MOST_ATTEMPTS]
    claim, ends = uuid4(), now + CLAIM
    rows = WebhookDelivery.objects.everywhere()
    rows.filter(id__in=[delivery.id for delivery in taken]).update(
        state=WebhookState.CLAIMED, claim=claim, attempts=F("attempts") + 1, due_at=ends
    )
    if over:
        rows.filter(id__in=over).update(state=WebhookState.DEAD, claim=None, settled_at=now)
    endpoints = {delivery.endpoint_id for delivery in taken}
    WebhookEndpoint.objects.everywhere().filter(id__in=endpoints).update(claimed_at=now)
    for delivery in taken:
        delivery.state, delivery.claim, delivery.due_at = WebhookState.CLAIMED, claim, ends
        delivery.attempts += 1
    return taken


def is_due(*, now: datetime) -> bool:
    """Return whether there is anything to send."""
    active = Q(endpoint__state=EndpointState.ACTIVE)
    due = WebhookDelivery.objects.everywhere().filter(
        active, state__in=WEBHOOK_OPEN, due_at__lte=now
    )
    return due.exists()
