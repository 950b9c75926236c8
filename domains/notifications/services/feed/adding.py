"""The one place where items come into feeds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db import connections

from domains.notifications.models import Notification
from domains.notifications.services.feed import doorbell
from kernel import bulk

# In the order of the accounts, so that two at once wait for one another and never in a circle.
_COUNT = """
    INSERT INTO feed AS f (account_id, last_sequence, unread, unseen, seen_sequence)
    SELECT account_id, items, items, items, 0
    FROM unnest(%s::uuid[], %s::int[]) AS added (account_id, items) ORDER BY account_id
    ON CONFLICT (account_id) DO UPDATE SET
        last_sequence = f.last_sequence + excluded.last_sequence,
        unread = f.unread + excluded.unread,
        unseen = f.unseen + excluded.unseen
    RETURNING account_id, last_sequence
"""


def add(*, items: Sequence[Notification]) -> None:
    """Write the items into their feeds, in the caller's transaction, and number them.

    Each feed stays locked until the commit, so numbers have no gap and are seen in their order.
    All items of a transaction belong into one call: another one could wait in a circle with it.
    """
    if not items:
        return
    added = Counter(item.account_id for item in items)
    last = _count(added)
    numbers = {account_id: last[account_id] - count for account_id, count in added.items()}
    for item in items:
        numbers[item.account_id] += 1
        item.sequence = numbers[item.account_id]
    bulk.insert(items)
    doorbell.ring(account_ids=list(added))


def _count(added: Mapping[UUID, int]) -> dict[UUID, int]:
    with connections["notifications"].cursor() as cursor:
        cursor.execute(_COUNT, [list(added), list(added.values())])
        return dict(cursor.fetchall())
