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
    SELECT a.account_id, n.sequence, n.id
    FROM ROWS FROM (unnest(%s::uuid[]), unnest(%s::bigint[]), unnest(%s::bigint[]))
        AS a (account_id, after, last)
    CROSS JOIN LATERAL (
        SELECT id, sequence FROM notification WHERE notification.account_id = a.account_id
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


@dataclass(frozen=True, kw_only=True)
class Beginning:
    """Where a stream begins: the feed as it is, and the number after which it is told of."""

    feed: Feed
    session_id: UUID
    position: int


def begin(*, principal: Principal, after: int | None) -> Beginning:
    """Return where a stream begins: `after` what the client was told last, or now.

    Raise `PersonRequired`, and auth's `SessionRequired`.
    """
    feed = get_counts(principal=principal)
    if principal.session_id is None:
        raise auth.SessionRequired
    known = feed.last_sequence if after is None else min(after, feed.last_sequence)
    return Beginning(feed=feed, session_id=principal.session_id, position=known)


def read_ahead(*, positions: Iterable[Position]) -> Mapping[Position, Ahead]:
    """Return what there is after each position of an account's feed."""
    asked = list(positions)
    feeds = Feed.objects.in_bulk({account_id for account_id, _ in asked})
    wanted = {each: feeds.get(each[0]) or Feed(account_id=each[0]) for each in asked}
    following = _following({each: feed.last_sequence for each, feed in wanted.items()})
    ids = [id_ for each in following.values() for id_ in each.values()]
    items = Notification.objects.in_bulk(ids) if ids else {}
    return {
        each: _ahead(feed, each[1], following.get(each[0], {}), items)
        for each, feed in wanted.items()
    }


def _following(last: Mapping[Position, int]) -> dict[UUID, dict[int, UUID]]:
    """Return by account the numbers that come next after each of its positions, with their ids."""
    behind = [(*position, end) for position, end in last.items() if end > position[1]]
    found: dict[UUID, dict[int, UUID]] = defaultdict(dict)
    if behind:
        columns = [list(column) for column in zip(*behind, strict=True)]
        with connections["notifications"].cursor() as cursor:
            cursor.execute(_AFTER, [*columns, ITEMS_AT_ONCE])
            for account_id, sequence, id_ in cursor.fetchall():
                found[account_id][sequence] = id_
    return found


def _ahead(
    feed: Feed, after: int, following: Mapping[int, UUID], items: Mapping[UUID, Notification]
) -> Ahead:
    numbers = sorted(number for number in following if number > after)[:ITEMS_AT_ONCE]
    # Without a full page there is nothing else up to the last number: what stood there is gone.
    end = numbers[-1] if len(numbers) == ITEMS_AT_ONCE else feed.last_sequence
    return Ahead(
        feed=feed,
        # One may have been deleted since its number was read.
        items=[items[id_] for id_ in map(following.__getitem__, numbers) if id_ in items],
        position=end,
        more=end < feed.last_sequence,
    )


def ended(*, session_ids: Iterable[UUID]) -> set[UUID]:
    """Return those of the sessions that are not active any more."""
    asked = set(session_ids)
    return asked - set(auth.get_active_sessions(session_ids=list(asked)))
