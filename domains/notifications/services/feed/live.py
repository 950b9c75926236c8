"""What live streams are told: read from PostgreSQL, for all that are connected at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connections

from domains.auth import interface as auth
from domains.notifications.models import Feed, Notification
from domains.notifications.services.feed.reading import get_counts
from kernel.principal import Principal

# Of one stream, before another one's turn.
ITEMS_AT_ONCE = 100

_AFTER = """
    SELECT n.id
    FROM ROWS FROM (unnest(%s::uuid[]), unnest(%s::bigint[]), unnest(%s::bigint[]))
        AS a (account_id, after, last)
    CROSS JOIN LATERAL (
        SELECT id FROM notification WHERE notification.account_id = a.account_id
            AND notification.sequence > a.after AND notification.sequence <= a.last
        ORDER BY notification.sequence LIMIT %s
    ) n
"""
Position = tuple[UUID, int]


@dataclass(frozen=True, kw_only=True)
class Ahead:
    """What there is in a feed after a position, in order, up to the new position."""

    feed: Feed
    items: Sequence[Notification]
    position: int
    more: bool


def begin(*, principal: Principal, after: int | None) -> tuple[Feed, int]:
    """Return the person's feed, and the number from which on a stream tells of it.

    That is `after`, what the client has been told last, or now. Raise `PersonRequired`, and auth's
    `SessionRequired`.
    """
    feed = get_counts(principal=principal)
    if principal.session_id is None:
        raise auth.SessionRequired
    known = feed.last_sequence if after is None else min(after, feed.last_sequence)
    return feed, known


def read_ahead(*, positions: Iterable[Position]) -> Mapping[Position, Ahead]:
    """Return what there is after each position of an account's feed."""
    asked = list(positions)
    feeds = Feed.objects.in_bulk({account_id for account_id, _ in asked})
    wanted = [(each, feeds.get(each[0]) or Feed(account_id=each[0])) for each in asked]
    behind = [(each, feed.last_sequence) for each, feed in wanted if feed.last_sequence > each[1]]
    items = _items(behind)
    return {each: _ahead(feed, each, items) for each, feed in wanted}


def _items(behind: Sequence[tuple[Position, int]]) -> dict[UUID, list[Notification]]:
    """Return by account, in order, what comes next after each of its positions."""
    found: dict[UUID, list[Notification]] = defaultdict(list)
    for item in Notification.objects.filter(id__in=_next_ids(behind)).order_by("sequence"):
        found[item.account_id].append(item)
    return found


def _next_ids(behind: Sequence[tuple[Position, int]]) -> list[UUID]:
    if not behind:
        return []
    columns = [
        [account_id for (account_id, _), _ in behind],
        [after for (_, after), _ in behind],
        [last for _, last in behind],
    ]
    with connections["notifications"].cursor() as cursor:
        cursor.execute(_AFTER, [*columns, ITEMS_AT_ONCE])
        return [id_ for (id_,) in cursor.fetchall()]


def _ahead(feed: Feed, position: Position, found: Mapping[UUID, list[Notification]]) -> Ahead:
    account_id, after = position
    newer = [item for item in found.get(account_id, ()) if item.sequence > after]
    items = newer[:ITEMS_AT_ONCE]
    more = len(items) == ITEMS_AT_ONCE and items[-1].sequence < feed.last_sequence
    # Without a full page there is nothing else up to the last number: what stood there is gone.
    end = items[-1].sequence if more else feed.last_sequence
    return Ahead(feed=feed, items=items, position=end, more=more)


def ended(*, session_ids: Iterable[UUID]) -> set[UUID]:
    """Return those of the sessions that are not active any more."""
    asked = set(session_ids)
    return asked - set(auth.get_active_sessions(session_ids=list(asked)))
