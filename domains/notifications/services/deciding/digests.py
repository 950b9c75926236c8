"""What is told together: gathered as it comes, closed when it is due, and told once.

An item is gathered in the transaction that decides about it, under the lock of its digest; a
digest is closed under the same lock. So nothing comes into one that was told, nor into two.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import connections

from domains.notifications.models import Delivery, DeliveryState, Digest, Message
from domains.notifications.services.trace import Decision, Step, entry
from kernel.ids import uuid7

if TYPE_CHECKING:
    from domains.notifications.services.fanout.drafting import Draft

_GATHER = """
    INSERT INTO digest AS open
        (id, organization_id, account_id, recipient, address, category, channel, frequency,
         due_at, created_at)
    SELECT who.id, %(organization)s, who.account_id, who.recipient, who.address, %(category)s,
        who.channel, who.frequency, who.due_at, %(now)s
    FROM unnest(%(ids)s::uuid[], %(accounts)s::uuid[], %(recipients)s::text[],
            %(addresses)s::text[], %(channels)s::text[], %(frequencies)s::text[],
            %(due)s::timestamptz[])
        AS who(id, account_id, recipient, address, channel, frequency, due_at)
    ORDER BY who.account_id, who.channel, who.recipient
    ON CONFLICT (account_id, organization_id, category, channel, recipient)
        WHERE closed_at IS NULL
        DO UPDATE SET due_at = LEAST(open.due_at, excluded.due_at)
    RETURNING channel, recipient, id, due_at
"""


def gather(
    *, message: Message, category: str, drafts: Sequence[Draft], now: datetime
) -> dict[tuple[str, str], UUID]:
    """Merge what is to be gathered into open digests, which are locked from then on.

    Return their ids by channel and recipient. In the caller's transaction, which writes the items.
    """
    passing = [each for each in drafts if each.verdict.passes]
    wanted = [each for each in passing if each.verdict.gathered]
    for each in passing:
        if not each.verdict.gathered:
            each.verdict.let_pass(step=Step.DIGEST, rule="digest.none", at=now)
    if not wanted:
        return {}
    digests = _open(message, category, wanted, now)
    for each in wanted:
        digest_id, due_at = digests[each.channel, each.recipient]
        each.verdict.state = DeliveryState.MERGED
        each.verdict.trace.append(
            entry(
                step=Step.DIGEST,
                decision=Decision.MERGED,
                rule=f"digest.{each.verdict.gathered}",
                at=now,
                digest_id=str(digest_id),
                until=due_at.isoformat(),
            )
        )
    return {where: digest_id for where, (digest_id, _) in digests.items()}


def _open(
    message: Message, category: str, wanted: Sequence[Draft], now: datetime
) -> dict[tuple[str, str], tuple[UUID, datetime]]:
    values: dict[str, Any] = {
        "organization": message.organization_id,
        "category": category,
        "now": now,
        "ids": [uuid7() for _ in wanted],
        "accounts": [each.person.account_id for each in wanted],
        "recipients": [each.recipient for each in wanted],
        "addresses": [each.address for each in wanted],
        "channels": [str(each.channel) for each in wanted],
        "frequencies": [str(each.verdict.gathered) for each in wanted],
        "due": [each.verdict.gathered_until for each in wanted],
    }
    with connections["notifications"].cursor() as cursor:
        cursor.execute(_GATHER, values)
        return {
            (channel, recipient): (digest_id, due_at)
            for channel, recipient, digest_id, due_at in cursor.fetchall()
        }


def due(*, now: datetime, limit: int) -> list[UUID]:
    """Return the digests that are due, the longest waiting first."""
    rows = Digest.objects.filter(closed_at=None, due_at__lte=now).order_by("due_at")
    return list(rows.values_list("id", flat=True)[:limit])


def items_of(digest: Digest) -> list[Delivery]:
    """Return what was merged into the digest, in the order in which it came."""
    rows = Delivery.objects.filter(digest=digest, state=DeliveryState.MERGED)
    return list(rows.select_related("message").order_by("id"))
