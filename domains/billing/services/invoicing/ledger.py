"""The books: groups of postings that are added and never changed, and what is read from them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connections
from django.db.models import Sum

from domains.billing.models import LedgerAccount, Posting
from domains.billing.services.invoicing.booking import Group
from kernel.ids import uuid7

# One statement with one parameter, as the outbox does: the books are half of a billing run's rows.
_INSERT = """
    WITH said AS (
        SELECT * FROM json_to_recordset(%(groups)s)
        AS said (id uuid, organization_id uuid, kind text, reference text, postings json)
    ), made AS (
        INSERT INTO posting_group (id, organization_id, kind, reference, posted_at)
        SELECT id, organization_id, kind, reference, %(now)s FROM said
    )
    INSERT INTO posting (id, organization_id, group_id, account, currency, amount)
    SELECT posting.id, said.organization_id, said.id, account, currency, amount
    FROM said CROSS JOIN json_to_recordset(postings)
    AS posting (id uuid, account text, currency text, amount bigint)
"""


def post(*, groups: Sequence[Group], now: datetime) -> None:
    """Add the groups to the books, in the open transaction; those that move nothing are left out.

    The database refuses a group whose postings don't sum to zero (when the transaction commits),
    and one that was posted before: `IntegrityError`.
    """
    rows = [_row(group) for group in groups if any(group.entries.values())]
    if rows:
        with connections["billing"].cursor() as cursor:
            cursor.execute(_INSERT, {"groups": json.dumps(rows), "now": now})


def balances(*, organization_ids: Sequence[UUID]) -> dict[tuple[UUID, str], int]:
    """Return by organization and currency the credit that customers have; nothing where none is.

    It is exact as long as the customers are locked.
    """
    postings = Posting.objects.within(*organization_ids).filter(account=LedgerAccount.BALANCE)
    sums = postings.values_list("organization_id", "currency").annotate(sum=Sum("amount"))
    return {(owner, currency): -sum_ for owner, currency, sum_ in sums.order_by() if sum_}


def _row(group: Group) -> dict[str, Any]:
    return {
        "id": str(uuid7()),
        "organization_id": str(group.organization_id),
        "kind": group.kind.value,
        "reference": group.reference,
        "postings": list(_postings(group)),
    }


def _postings(group: Group) -> Iterator[dict[str, Any]]:
    for account, amount in group.entries.items():
        if amount:
            yield {
                "id": str(uuid7()),
                "account": account.value,
                "currency": group.currency,
                "amount": amount,
            }
