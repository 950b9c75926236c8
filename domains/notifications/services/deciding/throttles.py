"""How often a category may reach one recipient: counted exactly, whoever counts at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connections

from domains.notifications.models import LONGEST_PERIOD, Passed, Throttle

# One statement for all recipients of a page, in one order so that two pages wait and never lock
# each other out. The times that still count are kept on the row: it is its own lock.
_TAKE = """
    INSERT INTO throttle_passed AS passed
        (id, organization_id, category, channel, recipient, account_id, times, last_at)
    SELECT gen_random_uuid(), %(organization)s, %(category)s, %(channel)s, who.recipient,
        who.account_id, ARRAY[%(now)s::timestamptz], %(now)s
    FROM unnest(%(recipients)s::text[], %(accounts)s::uuid[]) AS who(recipient, account_id)
    ORDER BY who.recipient
    ON CONFLICT (organization_id, category, channel, recipient) DO UPDATE SET
        times = ARRAY(SELECT at FROM unnest(passed.times) AS at WHERE at > %(since)s)
            || %(now)s::timestamptz,
        last_at = %(now)s
    WHERE (SELECT count(*) FROM unnest(passed.times) AS at WHERE at > %(since)s) < %(most)s
    RETURNING recipient
"""


def find(*, organization_id: UUID | None, category: str) -> Throttle | None:
    """Return the organization's limit of the category, None if it has none."""
    if organization_id is None:
        return None
    return Throttle.objects.within(organization_id).filter(category=category).first()


def take(
    *,
    throttle: Throttle,
    channel: str,
    recipients: Sequence[tuple[str, UUID | None]],
    now: datetime,
) -> set[str]:
    """Return those of the recipients, each once, whom one more may reach, and count it.

    In the caller's transaction: what is rolled back doesn't count.
    """
    if not recipients:
        return set()
    values: dict[str, Any] = {
        "organization": throttle.organization_id,
        "category": throttle.category,
        "channel": channel,
        "recipients": [recipient for recipient, _ in recipients],
        "accounts": [account_id for _, account_id in recipients],
        "now": now,
        "since": now - timedelta(seconds=throttle.period),
        "most": throttle.most,
    }
    with connections["notifications"].cursor() as cursor:
        cursor.execute(_TAKE, values)
        return {recipient for (recipient,) in cursor.fetchall()}


def forget_old(*, now: datetime, limit: int) -> int:
    """Forget what no limit can count any more; return how many rows there were."""
    old = Passed.objects.everywhere().filter(last_at__lt=now - timedelta(seconds=LONGEST_PERIOD))
    ids = list(old.order_by("last_at").values_list("id", flat=True)[:limit])
    return Passed.objects.everywhere().filter(id__in=ids).delete()[0]
