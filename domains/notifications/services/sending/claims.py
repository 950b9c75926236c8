"""Whose turn a delivery is: claimed by one worker, marked at hand-over, settled once.

Between hand-over and settlement a worker may die without anybody knowing whether the message left.
Such a message is sent once more under its own id, and after that only by staff.

Each settlement adds what the attempt decided to the delivery's trace, in the UPDATE that settles.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from django.db.models import F

from domains.notifications.models import OPEN, Channel, Delivery, DeliveryState, Failure
from domains.notifications.services.channels import email
from domains.notifications.services.rendering.rendering import Content
from domains.notifications.services.sending import retries
from domains.notifications.services.trace import Decision, Step, appended, entry, waiting
from kernel.db import transaction

CLAIM = timedelta(minutes=2)
# Longer than a provider can take, step by step at its time limit each.
HANDING_OVER = timedelta(minutes=10)
# What an attempt needs nothing of, and may be long.
UNREAD = ("trace", "subject", "text", "html")

Entries = Sequence[dict[str, Any]]


class Fault(NamedTuple):
    """How an attempt failed; `wait` is for how long the far side wants to be left alone."""

    failure: Failure
    reason: str
    wait: timedelta | None = None


def claim(*, delivery_id: UUID, now: datetime) -> Delivery | None:
    """Return the delivery, claimed; None if it isn't due, is somebody else's, or has to wait."""
    with transaction("notifications"):
        delivery = _lock_due(delivery_id, now)
        if delivery is None:
            return None
        if delivery.handed_over_at is not None:
            _settle_for_lost_worker(delivery, now)
            return None
        return _take(delivery, now)


def _lock_due(delivery_id: UUID, now: datetime) -> Delivery | None:
    free = Delivery.objects.select_for_update(skip_locked=True, of=("self",))
    due = free.filter(id=delivery_id, state__in=OPEN, due_at__lte=now).defer(*UNREAD)
    return due.select_related("message").first()


def _take(delivery: Delivery, now: datetime) -> Delivery:
    delivery.state = DeliveryState.CLAIMED
    delivery.claim = uuid4()
    delivery.due_at = now + CLAIM
    delivery.attempts += 1
    delivery.save(update_fields=["state", "claim", "due_at", "attempts"])
    return delivery


def _settle_for_lost_worker(delivery: Delivery, now: datetime) -> None:
    reason = "the worker was lost after it had handed over the message"
    changes = _failed(delivery, Fault(Failure.UNCERTAIN, reason), now, ())
    Delivery.objects.filter(id=delivery.id).update(**changes)


def release(*, delivery: Delivery, until: datetime, rule: str, now: datetime) -> None:
    """Put the delivery back untried: nobody who could carry it may be asked before `until`."""
    held = entry(
        step=Step.ATTEMPT, decision=Decision.DEFERRED, rule=rule, at=now, until=until.isoformat()
    )
    changes = {
        "state": DeliveryState.PENDING,
        "due_at": until,
        "reason": f"waits: {rule}",
        "attempts": F("attempts") - 1,
        "trace": waiting(held),
        **_released(),
    }
    _settle(delivery, changes)


def reference_of(delivery: Delivery) -> str:
    """Return what the far side knows it by: the same for every attempt, but when sent anew."""
    if delivery.channel == Channel.EMAIL:
        return email.message_id(delivery)
    return f"{delivery.id.hex}.{delivery.redrives}"


def mark_hand_over(
    *, delivery: Delivery, copy: Content, address: str, now: datetime, provider: str = ""
) -> bool:
    """Record what is about to be sent, without its secret; return False if the claim was lost."""
    with transaction("notifications", final=False):
        marked = Delivery.objects.filter(id=delivery.id, claim=delivery.claim).update(
            handed_over_at=now,
            due_at=now + HANDING_OVER,
            mail_id=reference_of(delivery),
            address=address,
            provider=provider,
            subject=copy.subject,
            text=copy.text,
            html=copy.html,
        )
    if marked:
        delivery.handed_over_at = now
    return bool(marked)


def settle_sent(*, delivery: Delivery, now: datetime, entries: Entries = ()) -> None:
    """Record that it was sent, even where the claim was lost: nobody is to repeat it."""
    result = entry(step=Step.RESULT, decision=Decision.SENT, rule="provider.accepted", at=now)
    with transaction("notifications"):
        Delivery.objects.filter(id=delivery.id, redrives=delivery.redrives).update(
            state=DeliveryState.SENT,
            sent_at=now,
            due_at=now,  # it was the claim's end
            reason="",
            failure="",
            trace=appended(*entries, result),
            **_released(),
        )


def settle_suppressed(
    *, delivery: Delivery, reason: str, rule: str, now: datetime, entries: Entries = ()
) -> None:
    """Record that it must not be sent, and why."""
    result = entry(step=Step.RESULT, decision=Decision.SUPPRESSED, rule=rule, at=now, reason=reason)
    changes = {"state": DeliveryState.SUPPRESSED, "reason": reason, **_released()}
    _settle(delivery, {**changes, "trace": appended(*entries, result)})


def settle_failed(
    *,
    delivery: Delivery,
    failure: Failure,
    reason: str,
    now: datetime,
    entries: Entries = (),
    wait: timedelta | None = None,
) -> None:
    """Record the failed attempt; it is made again later, after `wait` if given, or given up."""
    _settle(delivery, _failed(delivery, Fault(failure, reason, wait), now, entries))


def _settle(delivery: Delivery, changes: dict[str, Any]) -> None:
    with transaction("notifications"):
        Delivery.objects.filter(id=delivery.id, claim=delivery.claim).update(**changes)


def _failed(delivery: Delivery, fault: Fault, now: datetime, entries: Entries) -> dict[str, Any]:
    failure, wait = fault.failure, fault.wait
    uncertain = delivery.uncertain_attempts + (failure == Failure.UNCERTAIN)
    attempts = uncertain if failure == Failure.UNCERTAIN else delivery.attempts
    due_at = retries.next_attempt_at(failure=failure, attempts=attempts, now=now)
    if due_at and wait:
        due_at = max(due_at, now + wait)
    return {
        "state": DeliveryState.PENDING if due_at else DeliveryState.DEAD,
        "failure": failure,
        "reason": fault.reason,
        "failed_at": now,
        "due_at": due_at or now,
        "uncertain_attempts": uncertain,
        "trace": appended(*entries, _outcome(fault, due_at, now)),
        **_released(),
    }


def _outcome(fault: Fault, due_at: datetime | None, now: datetime) -> dict[str, Any]:
    details = {"reason": fault.reason}
    if due_at is None:
        decision, rule = Decision.FAILED, f"failure.{fault.failure.value}"
    else:
        decision, rule = Decision.DEFERRED, f"retry.{fault.failure.value}"
        details["until"] = due_at.isoformat()
    return entry(step=Step.RESULT, decision=decision, rule=rule, at=now, **details)


def _released() -> dict[str, Any]:
    return {"claim": None, "handed_over_at": None}
