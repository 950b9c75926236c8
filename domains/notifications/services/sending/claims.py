"""Whose turn a delivery is: claimed by one worker, marked at hand-over, settled once.

Between hand-over and settlement a worker may die without anybody knowing whether the mail left.
Such a mail is sent once more under its own Message-ID, and after that only by staff.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from random import SystemRandom
from typing import Any
from uuid import UUID, uuid4

from domains.notifications.models import Delivery, DeliveryState, Failure
from domains.notifications.services.rendering.rendering import Content
from domains.notifications.services.sending import retries
from domains.notifications.services.sending.handover import message_id
from kernel.db import transaction

OPEN = (DeliveryState.PENDING, DeliveryState.CLAIMED)
CLAIM = timedelta(minutes=2)
# Longer than a mail server can take, step by step at EMAIL_TIMEOUT each.
HANDING_OVER = timedelta(minutes=10)
# While the server is away one attempt in this time finds out; the others wait.
SERVER_AWAY = timedelta(seconds=30)
_random = SystemRandom()


def claim(*, delivery_id: UUID, now: datetime) -> Delivery | None:
    """Return the delivery, claimed; None if it isn't due, is somebody else's, or has to wait."""
    with transaction("notifications"):
        delivery = _lock_due(delivery_id, now)
        if delivery is None:
            return None
        if delivery.handed_over_at is not None:
            _settle_for_lost_worker(delivery, now)
        elif _server_is_away(now):
            delivery.due_at = now + SERVER_AWAY * _random.uniform(1, 2)
        else:
            return _take(delivery, now)
        delivery.save()
        return None


def _lock_due(delivery_id: UUID, now: datetime) -> Delivery | None:
    free = Delivery.objects.select_for_update(skip_locked=True, of=("self",))
    due = free.filter(id=delivery_id, state__in=OPEN, due_at__lte=now)
    return due.select_related("message").first()


def _server_is_away(now: datetime) -> bool:
    return Delivery.objects.filter(
        failure=Failure.UNREACHABLE, failed_at__gt=now - SERVER_AWAY
    ).exists()


def _take(delivery: Delivery, now: datetime) -> Delivery:
    delivery.state = DeliveryState.CLAIMED
    delivery.claim = uuid4()
    delivery.due_at = now + CLAIM
    delivery.attempts += 1
    delivery.save()
    return delivery


def _settle_for_lost_worker(delivery: Delivery, now: datetime) -> None:
    reason = "the worker was lost after it had handed over the mail"
    for name, value in _failed(delivery, Failure.UNCERTAIN, reason, now).items():
        setattr(delivery, name, value)


def mark_hand_over(*, delivery: Delivery, copy: Content, address: str, now: datetime) -> bool:
    """Record what is about to be sent, without its secret; return False if the claim was lost."""
    with transaction("notifications", final=False):
        marked = Delivery.objects.filter(id=delivery.id, claim=delivery.claim).update(
            handed_over_at=now,
            due_at=now + HANDING_OVER,
            mail_id=message_id(delivery),
            address=address,
            subject=copy.subject,
            text=copy.text,
            html=copy.html,
        )
    if marked:
        delivery.handed_over_at = now
    return bool(marked)


def settle_sent(*, delivery: Delivery, now: datetime) -> None:
    """Record that it was sent, even where the claim was lost: nobody is to repeat it."""
    with transaction("notifications"):
        Delivery.objects.filter(id=delivery.id, redrives=delivery.redrives).update(
            state=DeliveryState.SENT, sent_at=now, reason="", failure="", **_released()
        )


def settle_suppressed(*, delivery: Delivery, reason: str) -> None:
    """Record that it must not be sent, and why."""
    _settle(delivery, {"state": DeliveryState.SUPPRESSED, "reason": reason, **_released()})


def settle_failed(*, delivery: Delivery, failure: Failure, reason: str, now: datetime) -> None:
    """Record the failed attempt; it is made again later, or given up."""
    _settle(delivery, _failed(delivery, failure, reason, now))


def _settle(delivery: Delivery, changes: dict[str, Any]) -> None:
    with transaction("notifications"):
        Delivery.objects.filter(id=delivery.id, claim=delivery.claim).update(**changes)


def _failed(delivery: Delivery, failure: Failure, reason: str, now: datetime) -> dict[str, Any]:
    uncertain = delivery.uncertain_attempts + (failure == Failure.UNCERTAIN)
    attempts = uncertain if failure == Failure.UNCERTAIN else delivery.attempts
    due_at = retries.next_attempt_at(failure=failure, attempts=attempts, now=now)
    return {
        "state": DeliveryState.PENDING if due_at else DeliveryState.DEAD,
        "failure": failure,
        "reason": reason,
        "failed_at": now,
        "due_at": due_at or now,
        "uncertain_attempts": uncertain,
        **_released(),
    }


def _released() -> dict[str, Any]:
    return {"claim": None, "handed_over_at": None}
