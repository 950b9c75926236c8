"""What comes of attempts: written together, one row of the log for each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from domains.notifications.contract.events import WebhookEndpointDisabled
from domains.notifications.models import (
    EndpointState,
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookState,
)
from domains.notifications.services.webhooks import schedule
from domains.notifications.services.webhooks.attempts import Outcome
from kernel import bulk
from kernel.db import transaction
from kernel.events import publish

GONE = "gone"
FAILING = "failing"
Done = tuple[WebhookDelivery, Outcome]


def settle(*, done: Sequence[Done], now: datetime) -> None:
    """Record how the attempts went, each of them once, and look after their endpoints.

    One whose claim was lost meanwhile is logged, and counts if it was taken: nobody repeats it.
    """
    with transaction("notifications"):
        endpoints = _lock_endpoints({delivery.endpoint_id for delivery, _ in done})
        present = _lock([delivery.id for delivery, _ in done])
        known = [(present[each.id], each, how) for each, how in done if each.id in present]
        bulk.insert([_entry(row, how) for row, _, how in known])
        _take_note(
            [
                row
                for row, claimed, how in known
                if how.succeeded and row.replays == claimed.replays
            ],
            now,
        )
        for row, claimed, how in known:
            if not how.succeeded and row.claim == claimed.claim:
                _put_off(row, how, now)
        for endpoint in endpoints:
            _look_after(
                endpoint, [how for row, _, how in known if row.endpoint_id == endpoint.id], now
            )


def _lock_endpoints(ids: set[UUID]) -> list[WebhookEndpoint]:
    """Before their webhooks, in the order of whoever claims them: none waits for another."""
    rows = WebhookEndpoint.objects.everywhere().filter(id__in=ids).order_by("id")
    return list(rows.select_for_update(no_key=True))


def _lock(ids: Sequence[UUID]) -> dict[UUID, WebhookDelivery]:
    """Those that still exist: their endpoint may have been deleted while they were on their way."""
    rows = WebhookDelivery.objects.everywhere().filter(id__in=ids).order_by("id")
    return {row.id: row for row in rows.select_for_update()}


def _entry(row: WebhookDelivery, how: Outcome) -> WebhookAttempt:
    return WebhookAttempt(
        delivery=row,
        attempted_at=how.attempted_at,
        request_headers=how.request_headers,
        status=how.status,
        response_headers=how.response_headers,
        response=how.response,
        latency_ms=how.latency_ms,
        error=how.error,
    )


def _take_note(taken: Sequence[WebhookDelivery], now: datetime) -> None:
    rows = WebhookDelivery.objects.everywhere().filter(id__in=[row.id for row in taken])
    rows.update(state=WebhookState.SUCCEEDED, claim=None, settled_at=now)


def _put_off(row: WebhookDelivery, how: Outcome, now: datetime) -> None:
    again = None if how.gone else _again(row, how, now)
    row.state = WebhookState.PENDING if again else WebhookState.DEAD
    row.due_at, row.claim, row.settled_at = again or now, None, None if again else now
    row.save(update_fields=["state", "due_at", "claim", "settled_at"])


def _again(row: WebhookDelivery, how: Outcome, now: datetime) -> datetime | None:
    return schedule.next_attempt_at(
        attempts=row.attempts,
        retry_after=schedule.read_retry_after(how.retry_after, now=now),
        now=now,
    )


def _look_after(endpoint: WebhookEndpoint, outcomes: Sequence[Outcome], now: datetime) -> None:
    if not outcomes:
        return
    if any(how.gone for how in outcomes):
        _disable(endpoint, GONE, now)
    elif any(how.succeeded for how in outcomes):
        _note_failing(endpoint, None)
    elif endpoint.failing_since is None:
        _note_failing(endpoint, now)
    elif schedule.failed_for_too_long(since=endpoint.failing_since, now=now):
        _disable(endpoint, FAILING, now)


def _note_failing(endpoint: WebhookEndpoint, since: datetime | None) -> None:
    if endpoint.failing_since != since:
        endpoint.failing_since = since
        endpoint.save(update_fields=["failing_since"])


def _disable(endpoint: WebhookEndpoint, reason: str, now: datetime) -> None:
    if endpoint.state == EndpointState.DISABLED:
        return
    endpoint.state, endpoint.disabled_reason = EndpointState.DISABLED, reason
    endpoint.updated_at = now
    endpoint.save(update_fields=["state", "disabled_reason", "updated_at"])
    publish(
        WebhookEndpointDisabled(
            endpoint_id=endpoint.id,
            organization_id=endpoint.organization_id,
            endpoint=str(endpoint),
            reason=reason,
        )
    )
