"""The second step: a message becomes items in feeds and deliveries on their way."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from domains.notifications.models import (
    Channel,
    Delivery,
    DeliveryState,
    Failure,
    Message,
    MessageState,
    Notification,
)
from domains.notifications.services.catalogue.rules import Rule
from domains.notifications.services.catalogue.table import BY_KIND
from domains.notifications.services.fanout.resolution import (
    NobodyToTell,
    Recipient,
    Resolution,
    resolve,
)
from domains.notifications.services.feed import adding
from domains.notifications.services.rendering.rendering import render
from domains.notifications.services.sending import retries
from kernel.context import RequestContext, use
from kernel.db import transaction

logger = logging.getLogger(__name__)

# What has just been written is left to the job that was rung for it.
GRACE = timedelta(seconds=5)
ROWS_AT_ONCE = 1_000


def due_messages(*, now: datetime, limit: int) -> list[UUID]:
    """Return the messages whose expansion was forgotten or has to be tried again, oldest first."""
    due = Message.objects.filter(state=MessageState.PENDING, due_at__lte=now - GRACE)
    return list(due.order_by("due_at").values_list("id", flat=True)[:limit])


def expand(*, message_id: UUID, now: datetime) -> list[UUID]:
    """Write the feed items and deliveries of a message, once; return the deliveries to send.

    What it needs from other domains is asked first, so that no transaction waits for them. A
    failure is recorded on the message, and tried again later.
    """
    message = Message.objects.filter(id=message_id, state=MessageState.PENDING).first()
    if message is None:
        return []
    try:
        with use(RequestContext(traceparent=message.traceparent)):
            return _expand(message, now)
    except Exception as error:
        logger.exception("A message could not be expanded", extra={"message_id": str(message_id)})
        _try_later(message, now, note=f"{type(error).__name__}: {error}")
        return []


def _expand(message: Message, now: datetime) -> list[UUID]:
    try:
        resolution = resolve(message)
    except NobodyToTell as outcome:
        return _write(message, Resolution(recipients=(), context={}), now, note=str(outcome))
    note = "" if resolution.recipients else "there is nobody to tell"
    return _write(message, resolution, now, note=note)


def _write(message: Message, resolution: Resolution, now: datetime, *, note: str) -> list[UUID]:
    rule = BY_KIND[message.kind]
    notifications = _notifications(rule, message, resolution, now)
    deliveries = _deliveries(rule, message, resolution.recipients, now)
    with transaction("notifications"):
        if not _still_pending(message):
            return []
        adding.add(items=notifications)
        Delivery.objects.bulk_create(deliveries, batch_size=ROWS_AT_ONCE)
        Message.objects.filter(id=message.id).update(
            state=MessageState.EXPANDED, context=resolution.context, expanded_at=now, note=note
        )
    return [each.id for each in deliveries if each.state == DeliveryState.PENDING]


def _still_pending(message: Message) -> bool:
    pending = Message.objects.select_for_update(skip_locked=True).filter(
        id=message.id, state=MessageState.PENDING
    )
    return pending.first() is not None


def _notifications(
    rule: Rule, message: Message, resolution: Resolution, now: datetime
) -> list[Notification]:
    accounts = [r.account_id for r in resolution.recipients if r.account_id]
    if Channel.IN_APP not in rule.channels or not accounts:
        return []
    item = render(kind=rule.kind, channel=Channel.IN_APP, context=resolution.context)
    return [
        Notification(
            message=message,
            account_id=account_id,
            organization_id=message.organization_id,
            organization_name=resolution.context.get("organization", ""),
            kind=rule.kind,
            title=item.subject,
            body=item.text,
            subject_ids=_subject_ids(message),
            created_at=now,
        )
        for account_id in accounts
    ]


def _subject_ids(message: Message) -> dict[str, str]:
    return {name: value for name, value in message.facts.items() if _is_subject(name)}


def _is_subject(name: str) -> bool:
    return name.endswith("_id") and name != "organization_id" and not name.endswith("proof_id")


def _deliveries(
    rule: Rule, message: Message, recipients: Sequence[Recipient], now: datetime
) -> list[Delivery]:
    if Channel.EMAIL not in rule.channels:
        return []
    return [_delivery(rule, message, recipient, now) for recipient in recipients]


def _delivery(rule: Rule, message: Message, recipient: Recipient, now: datetime) -> Delivery:
    allowed = recipient.confirmed or rule.to_unconfirmed
    return Delivery(
        message=message,
        channel=Channel.EMAIL,
        recipient=recipient.key,
        account_id=recipient.account_id,
        address=recipient.address,
        state=DeliveryState.PENDING if allowed else DeliveryState.SUPPRESSED,
        reason="" if allowed else "the address has not been confirmed",
        due_at=now,
        created_at=now,
    )


def _try_later(message: Message, now: datetime, *, note: str) -> None:
    attempts = message.attempts + 1
    due_at = retries.next_attempt_at(failure=Failure.TEMPORARY, attempts=attempts, now=now)
    with transaction("notifications"):
        Message.objects.filter(id=message.id, state=MessageState.PENDING).update(
            state=MessageState.PENDING if due_at else MessageState.DEAD,
            attempts=attempts,
            due_at=due_at or now,
            note=note,
        )


def revive(*, message_id: UUID, now: datetime) -> bool:
    """Have a message that was given up expanded again; return False if it wasn't given up."""
    with transaction("notifications"):
        dead = Message.objects.filter(id=message_id, state=MessageState.DEAD)
        return bool(dead.update(state=MessageState.PENDING, attempts=0, due_at=now, note=""))
