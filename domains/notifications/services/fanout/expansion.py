"""The second step: a message becomes items in feeds and deliveries on their way, page by page.

Each page is one transaction with the cursor of the next: a worker that dies in between is
followed by one that goes on where it was, and nothing is written twice.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F

from domains.notifications.models import (
    Channel,
    DeliveryState,
    Failure,
    Message,
    MessageState,
    Notification,
)
from domains.notifications.services.catalogue.rules import Rule
from domains.notifications.services.catalogue.table import rule_of
from domains.notifications.services.deciding import digests, throttles
from domains.notifications.services.deciding.deciding import MANDATORY
from domains.notifications.services.fanout.drafting import Draft, draft, subject_ids, subject_of
from domains.notifications.services.fanout.resolution import NobodyToTell, Resolution, resolve
from domains.notifications.services.fanout.writing import write
from domains.notifications.services.feed import adding
from domains.notifications.services.rendering.facts import organization_of
from domains.notifications.services.rendering.rendering import Content, render
from domains.notifications.services.sending import retries
from domains.notifications.services.trace import Decision, Step, entry, rendered
from kernel.context import RequestContext, use
from kernel.db import transaction

logger = logging.getLogger(__name__)

# What has just been written is left to the job that was rung for it.
GRACE = timedelta(seconds=5)
# So long a message that is being expanded is left to whoever does it.
TURN = timedelta(seconds=30)


@dataclass(frozen=True, kw_only=True)
class Expanded:
    """What became of a page: the deliveries to send at once, and whether there are more pages."""

    to_send: tuple[UUID, ...] = ()
    more: bool = False


def due_messages(*, now: datetime, limit: int) -> list[UUID]:
    """Return the messages whose expansion was forgotten or has to be tried again, oldest first."""
    due = Message.objects.filter(state=MessageState.PENDING, due_at__lte=now - GRACE)
    return list(due.order_by("due_at").values_list("id", flat=True)[:limit])


def expand(*, message_id: UUID, now: datetime) -> Expanded:
    """Write the feed items and deliveries of a message's next page, once.

    What it needs from other domains is asked first, so that no transaction waits for them. A
    failure is recorded on the message, and tried again later.
    """
    message = Message.objects.filter(id=message_id, state=MessageState.PENDING).first()
    if message is None:
        return Expanded()
    try:
        with use(RequestContext(traceparent=message.traceparent)):
            return _expand(message, now)
    except Exception as error:
        logger.exception("A message could not be expanded", extra={"message_id": str(message_id)})
        _try_later(message, now, note=f"{type(error).__name__}: {error}")
        return Expanded()


def _expand(message: Message, now: datetime) -> Expanded:
    try:
        resolution = resolve(message)
    except NobodyToTell as outcome:
        return _write(message, Resolution(recipients=(), context={}), now, note=str(outcome))
    told = resolution.recipients or resolution.onward or message.recipients
    return _write(message, resolution, now, note="" if told else "there is nobody to tell")


def _write(message: Message, resolution: Resolution, now: datetime, *, note: str) -> Expanded:
    rule = rule_of(message)
    message.context = resolution.context
    drafts = draft(rule=rule, message=message, people=resolution.recipients, now=now)
    with transaction("notifications"):
        if not _is_ours(message):
            return Expanded()
        _throttle(rule, message, drafts, now)
        merged = digests.gather(message=message, category=rule.category, drafts=drafts, now=now)
        items = _feed_items(rule, message, drafts, now)
        adding.add(items=items)
        rows = [
            each.row(
                message,
                category=rule.category,
                digest_id=merged.get((each.channel, each.recipient)),
                now=now,
            )
            for each in drafts
        ]
        write(rows)
        _move_on(message, resolution, now, note=note)
    return Expanded(
        to_send=tuple(row["id"] for row in rows if row["state"] == DeliveryState.PENDING),
        more=bool(resolution.onward),
    )


def _is_ours(message: Message) -> bool:
    """Lock the message, unless another worker has it, or has written this page meanwhile."""
    pending = Message.objects.select_for_update(skip_locked=True).filter(
        id=message.id, state=MessageState.PENDING, reached=message.reached
    )
    return pending.first() is not None


def _move_on(message: Message, resolution: Resolution, now: datetime, *, note: str) -> None:
    last = not resolution.onward
    Message.objects.filter(id=message.id).update(
        state=MessageState.EXPANDED if last else MessageState.PENDING,
        context=resolution.context,
        reached=resolution.onward,
        recipients=F("recipients") + len(resolution.recipients),
        # Who was told, the deliveries say.
        audience={} if last else message.audience,
        attempts=0,
        due_at=now if last else now + TURN,
        expanded_at=now if last else None,
        note=note,
    )


def _throttle(rule: Rule, message: Message, drafts: list[Draft], now: datetime) -> None:
    subject = subject_of(rule)
    throttle = throttles.find(organization_id=message.organization_id, category=rule.category)
    passing = [each for each in drafts if each.verdict.passes]
    unbound = _why_not_throttled(mandatory=subject.mandatory, critical=subject.critical)
    if throttle is None or unbound:
        for each in passing:
            each.verdict.let_pass(step=Step.THROTTLE, rule=unbound or "throttle.none", at=now)
        return
    for channel in {each.channel for each in passing}:
        waiting = [each for each in passing if each.channel == channel]
        allowed = throttles.take(
            throttle=throttle,
            channel=channel,
            recipients=[(each.recipient, each.person.account_id) for each in waiting],
            now=now,
        )
        details = {"most": throttle.most, "period": throttle.period}
        for each in waiting:
            if each.recipient in allowed:
                each.verdict.let_pass(
                    step=Step.THROTTLE, rule="throttle.category", at=now, **details
                )
            else:
                each.verdict.suppress(
                    step=Step.THROTTLE,
                    rule="throttle.category",
                    reason="as many were sent as may be",
                    at=now,
                    **details,
                )


def _why_not_throttled(*, mandatory: bool, critical: bool) -> str:
    if mandatory:
        return MANDATORY
    return "throttle.critical" if critical else ""


def _feed_items(
    rule: Rule, message: Message, drafts: list[Draft], now: datetime
) -> list[Notification]:
    """Return the items of those who are told in the app, and say so in their traces."""
    told = [each for each in drafts if each.channel == Channel.IN_APP and each.verdict.passes]
    said: dict[tuple[str, str], Content] = {}
    items = []
    for each in told:
        reader = each.person.locale, each.person.time_zone
        if reader not in said:
            said[reader] = _said(rule, message, *reader)
        each.said = said[reader]
        each.verdict.trace += (
            rendered(version=each.said.version, at=now),
            entry(step=Step.RESULT, decision=Decision.SENT, rule="in_app.feed", at=now),
        )
        items.append(_item(rule, message, each, each.said, now))
    return items


def _said(rule: Rule, message: Message, locale: str, time_zone: str) -> Content:
    return render(
        kind=rule.kind,
        channel=Channel.IN_APP,
        context=message.context,
        locale=locale,
        organization_id=message.organization_id,
        time_zone=time_zone,
    )


def _item(
    rule: Rule, message: Message, told: Draft, content: Content, now: datetime
) -> Notification:
    assert told.person.account_id is not None  # noqa: S101  only people have feeds
    return Notification(
        message=message,
        account_id=told.person.account_id,
        organization_id=message.organization_id,
        organization_name=organization_of(message.context),
        kind=rule.kind,
        category=rule.category,
        title=content.subject,
        body=content.text,
        subject_ids=subject_ids(message),
        created_at=now,
    )


def _try_later(message: Message, now: datetime, *, note: str) -> None:
    attempts = message.attempts + 1
    due_at = retries.next_attempt_at(failure=Failure.TEMPORARY, attempts=attempts, now=now)
    with transaction("notifications"):
        # Not one that another worker has taken further meanwhile.
        Message.objects.filter(
            id=message.id, state=MessageState.PENDING, reached=message.reached
        ).update(
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
