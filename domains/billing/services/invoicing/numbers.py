"""Numbers without a gap: taken under their sequence's row lock, and given back by a rollback."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connections

from kernel.ids import uuid7


class Document(StrEnum):
    """What has numbers of its own; the value is a part of them."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"


# A new row says the last number that is taken from it, plus one; an existing one is moved as far.
_TAKE = """
    INSERT INTO number_sequence AS sequence (id, scope, prefix, next)
    SELECT id, scope, prefix, taken + 1
    FROM unnest(%(ids)s::uuid[], %(scopes)s::text[], %(prefixes)s::text[], %(taken)s::bigint[])
    AS wanted (id, scope, prefix, taken) ORDER BY scope
    ON CONFLICT (scope) DO UPDATE SET next = sequence.next + excluded.next - 1
    RETURNING scope, prefix, next
"""


def take(*, document: Document, organization_ids: Sequence[UUID], now: datetime) -> list[str]:
    """Return the next number for each organization, in the order given, in the open transaction.

    The sequences stay locked until the transaction ends: take numbers as late as possible.
    """
    wanted = [_scope(document, owner, now) for owner in organization_ids]
    taken = Counter(wanted)
    values: dict[str, Any] = {
        "ids": [uuid7() for _ in taken],
        "scopes": [scope for scope, _ in taken],
        "prefixes": [prefix for _, prefix in taken],
        "taken": list(taken.values()),
    }
    with connections["billing"].cursor() as cursor:
        cursor.execute(_TAKE, values)
        rows = {scope: (prefix, next_) for scope, prefix, next_ in cursor.fetchall()}
    first = {scope: rows[scope][1] - count for (scope, _), count in taken.items()}
    numbers = []
    for scope, _ in wanted:
        numbers.append(f"{rows[scope][0]}{first[scope]:06d}")
        first[scope] += 1
    return numbers


def _scope(document: Document, organization_id: UUID, now: datetime) -> tuple[str, str]:
    """Return which sequence the organization's next number is of, and how its numbers begin."""
    prefix = settings.INVOICE_PREFIXES[document]
    if settings.INVOICE_NUMBERS == "issuer":
        return f"{document} {now:%Y}", f"{prefix}-{now:%Y}-"
    return f"{document} {organization_id}", f"{prefix}-{_short(organization_id)}-"


def _short(organization_id: UUID) -> str:
    """Return the end of the id, which is its random part."""
    return organization_id.hex[-12:].upper()
