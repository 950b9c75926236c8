"""A digest that is due becomes one message to one recipient, or nothing if nothing is left."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from liquid.exceptions import LiquidError

from domains.notifications.models import (
    Channel,
    Delivery,
    DeliveryState,
    Digest,
    Frequency,
    Message,
    MessageState,
    Notification,
    Preference,
    Rhythm,
    Source,
)
from domains.notifications.services.catalogue.table import DIGEST_KIND
from domains.notifications.services.deciding import digests
from domains.notifications.services.deciding.deciding import Facts, Subject, Verdict, decide
from domains.notifications.services.deciding.quiet import zone_of
from domains.notifications.services.deciding.rhythms import quiet_of
from domains.notifications.services.rendering import facts
from domains.notifications.services.rendering.rendering import render
from domains.notifications.services.trace import Decision, Step, appended, entry
from domains.users import interface as users
from kernel.db import transaction

# So many it names; of what is more it says how many.
NAMED = 50
READ, OFF = "digest.read_in_app", "preference.person"
REASONS = {READ: "it was read in the app meanwhile", OFF: "it was switched off meanwhile"}


def close(*, digest_id: UUID, now: datetime) -> UUID | None:
    """Tell what the digest gathered, once; return the delivery to send, None if there is none yet.

    What was read in the app meanwhile is left out, and what was switched off.
    """
    found = Digest.objects.filter(id=digest_id, closed_at=None).first()
    if found is None:
        return None
    [profile] = users.get_profiles(account_ids=[found.account_id])
    with transaction("notifications"):
        digest = _lock(digest_id, now)
        if digest is None:
            return None
        items = _left(digest, now)
        delivery = _tell(digest, items, profile, now) if items else None
        Digest.objects.filter(id=digest.id).update(closed_at=now, items=len(items))
    if delivery is None or delivery.state != DeliveryState.PENDING:
        return None
    return delivery.id


def _lock(digest_id: UUID, now: datetime) -> Digest | None:
    free = Digest.objects.select_for_update(skip_locked=True)
    return free.filter(id=digest_id, closed_at=None, due_at__lte=now).first()


def _left(digest: Digest, now: datetime) -> list[Delivery]:
    """Return the items to tell, and suppress the others."""
    items = digests.items_of(digest)
    off = Preference.objects.filter(
        account_id=digest.account_id,
        category=digest.category,
        channel=digest.channel,
        frequency=Frequency.OFF,
    )
    if off.exists():
        _leave_out(items, OFF, now)
        return []
    read = Notification.objects.filter(
        account_id=digest.account_id,
        message__in=[each.message_id for each in items],
        read_at__isnull=False,
    )
    read_ids = set(read.values_list("message_id", flat=True))
    _leave_out([each for each in items if each.message_id in read_ids], READ, now)
    return [each for each in items if each.message_id not in read_ids]


def _leave_out(items: Sequence[Delivery], rule: str, now: datetime) -> None:
    said = entry(step=Step.DIGEST, decision=Decision.SUPPRESSED, rule=rule, at=now)
    Delivery.objects.filter(id__in=[each.id for each in items]).update(
        state=DeliveryState.SUPPRESSED, reason=REASONS[rule], trace=appended(said)
    )


def _tell(
    digest: Digest, items: Sequence[Delivery], profile: users.Profile, now: datetime
) -> Delivery:
    message = Message.objects.create(
        event_id=digest.id,
        source=Source.DIGEST,
        kind=DIGEST_KIND,
        category=digest.category,
        channels=[digest.channel],
        organization_id=digest.organization_id,
        facts={"account_id": str(digest.account_id)},
        context=_context(items, profile, now),
        occurred_at=now,
        created_at=now,
        due_at=now,
        expanded_at=now,
        recipients=1,
        state=MessageState.EXPANDED,
    )
    verdict = _decide(digest, items, profile, now)
    return Delivery.objects.create(
        message=message,
        channel=digest.channel,
        recipient=digest.recipient,
        account_id=digest.account_id,
        address=digest.address,
        category=digest.category,
        locale=profile.locale,
        time_zone=profile.time_zone,
        trace=verdict.trace,
        state=verdict.state,
        due_at=verdict.due_at,
        created_at=now,
    )


def _decide(
    digest: Digest, items: Sequence[Delivery], profile: users.Profile, now: datetime
) -> Verdict:
    """Keep the digest itself quiet; its items passed everything else already."""
    rhythm = Rhythm.objects.filter(account_id=digest.account_id).first()
    fan_out = entry(
        step=Step.FAN_OUT,
        decision=Decision.PASSED,
        rule=f"digest.{digest.frequency}",
        at=now,
        digest_id=str(digest.id),
        items=[str(each.id) for each in items],
    )
    return decide(
        subject=Subject(category=digest.category),
        facts=Facts(
            channel=digest.channel,
            quiet=quiet_of(rhythm),
            zone=zone_of(profile.time_zone),
            said_by="preference.person",
        ),
        fan_out=fan_out,
        now=now,
    )


def _context(items: Sequence[Delivery], reader: users.Profile, now: datetime) -> dict[str, Any]:
    named = items[:NAMED]
    names = (facts.organization_of(each.message.context) for each in items)
    return {
        "occurred_at": facts.moment(now),
        "organization": next(filter(None, names), ""),
        "count": len(items),
        "more": len(items) - len(named),
        "items": [{"title": _title(each.message, reader)} for each in named],
    }


def _title(message: Message, reader: users.Profile) -> str:
    """Return what the item is called in the app, or where it isn't shown there, in its mail."""
    for channel in (Channel.IN_APP, Channel.EMAIL):
        with contextlib.suppress(LiquidError):
            said = render(
                kind=message.kind,
                channel=channel,
                context=message.context,
                locale=reader.locale,
                organization_id=message.organization_id,
                time_zone=reader.time_zone,
            )
            return said.subject
    return message.kind
