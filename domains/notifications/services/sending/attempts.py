"""The third step: one delivery is claimed, rendered, handed over and settled."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from liquid.exceptions import LiquidError

from domains.notifications.models import Channel, Delivery, DeliveryState, Failure, Message
from domains.notifications.services.catalogue.rules import Rule, Secret
from domains.notifications.services.catalogue.table import rule_of
from domains.notifications.services.fanout.resolution import NobodyToTell, Recipient, still_wanted
from domains.notifications.services.rendering.rendering import Content, render
from domains.notifications.services.sending import secrets
from domains.notifications.services.sending.claims import (
    OPEN,
    claim,
    mark_hand_over,
    settle_failed,
    settle_sent,
    settle_suppressed,
)
from domains.notifications.services.sending.handover import AttemptFailed, connected
from kernel.context import RequestContext, use
from kernel.db import transaction
from kernel.errors import DomainError, TooMany, Unavailable

logger = logging.getLogger(__name__)

# What has just been written is left to the job that was rung for it.
GRACE = timedelta(seconds=5)


def due_deliveries(*, now: datetime, limit: int) -> list[UUID]:
    """Return the deliveries that were forgotten, failed for now or lost their worker."""
    due = Delivery.objects.filter(state__in=OPEN, due_at__lte=now - GRACE)
    return list(due.order_by("due_at").values_list("id", flat=True)[:limit])


def send(*, delivery_id: UUID, now: datetime) -> None:
    """Send the delivery if it is due and nobody else does; record how that went."""
    delivery = claim(delivery_id=delivery_id, now=now)
    if delivery is None:
        return
    try:
        with use(RequestContext(traceparent=delivery.message.traceparent)):
            _attempt(delivery, now)
    except NobodyToTell as outcome:
        settle_suppressed(delivery=delivery, reason=str(outcome))
    except AttemptFailed as outcome:
        settle_failed(delivery=delivery, failure=outcome.failure, reason=str(outcome), now=now)
    except Exception as error:
        logger.exception("A delivery failed", extra={"delivery_id": str(delivery.id)})
        reason = f"{type(error).__name__}: {error}"
        settle_failed(
            delivery=delivery, failure=_failure_of(error, delivery), reason=reason, now=now
        )


def _failure_of(error: Exception, delivery: Delivery) -> Failure:
    if delivery.handed_over_at is not None:
        return Failure.UNCERTAIN
    return Failure.PERMANENT if isinstance(error, LiquidError) else Failure.TEMPORARY


def _attempt(delivery: Delivery, now: datetime) -> None:
    message = delivery.message
    rule = rule_of(message)
    try:
        recipient = still_wanted(
            rule=rule,
            message=message,
            account_id=delivery.account_id,
            address=delivery.address,
            now=now,
        )
        # A secret is asked for once the server is there: a new one makes an earlier one worthless.
        with connected() as connection:
            letter = _letter(rule, message, recipient)
            address = letter.address
            if mark_hand_over(delivery=delivery, copy=letter.copy, address=address, now=now):
                connection.hand_over(delivery, letter.content, address=address)
                settle_sent(delivery=delivery, now=now)
    except (Unavailable, TooMany) as error:
        raise AttemptFailed(Failure.TEMPORARY, str(error)) from error


@dataclass(frozen=True, kw_only=True)
class _Letter:
    """The mail to send, where to, and the copy to keep, in which its secret is masked."""

    content: Content
    copy: Content
    address: str


def _letter(rule: Rule, message: Message, recipient: Recipient) -> _Letter:
    if rule.secret is None:
        content = render(kind=rule.kind, channel=Channel.EMAIL, context=message.context)
        return _Letter(content=content, copy=content, address=recipient.address)
    issued = _issue(rule.secret, message)
    return _Letter(
        content=_render_with(rule, message, issued.words),
        copy=_render_with(rule, message, issued.masked),
        address=issued.address or recipient.address,
    )


def _issue(secret: Secret, message: Message) -> secrets.Issued:
    try:
        return secrets.issue(secret=secret, facts=message.facts)
    except (Unavailable, TooMany):
        raise
    except DomainError as refusal:
        raise NobodyToTell(f"{refusal.code}: {refusal.title}") from refusal


def _render_with(rule: Rule, message: Message, words: dict[str, str]) -> Content:
    return render(kind=rule.kind, channel=Channel.EMAIL, context={**message.context, **words})


def send_again(*, delivery_id: UUID, now: datetime) -> bool:
    """Have a settled delivery sent anew, as a mail of its own, or one that waits sent at once.

    Return False for one that is being sent at this moment.
    """
    with transaction("notifications"):
        found = Delivery.objects.select_for_update().filter(id=delivery_id)
        delivery = found.exclude(state=DeliveryState.CLAIMED).first()
        if delivery is None:
            return False
        if delivery.state != DeliveryState.PENDING:
            _start_over(delivery)
        delivery.due_at = now
        delivery.save()
        return True


def _start_over(delivery: Delivery) -> None:
    delivery.state = DeliveryState.PENDING
    delivery.attempts = delivery.uncertain_attempts = 0
    delivery.reason = delivery.failure = ""
    delivery.redrives += 1
