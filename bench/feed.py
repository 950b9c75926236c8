"""Whether a feed is read as fast among a million notifications as among a thousand.

    python -m bench.feed [NOTIFICATIONS]

So many (a million, if not said otherwise) in the feeds of people who have 50 each, and once more in
the feed of one person. Measured are requests through the gateway, in process, by ten of the many
and by the one; what a live stream asks when its client comes back, and what all streams of a
process ask every few seconds. Then every query behind them is explained: it fails where a big table
is read from end to end, or a median is beyond the target. How many items a second a fan-out of
1,000 people writes is told besides.
"""

from __future__ import annotations

import itertools
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from bench import comparison
from bench.telling import say

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "platform"))
PASSWORD = "correct horse battery staple"
MANY, FEW, EACH, CALLERS, ROUNDS = 1_000_000, 1_000, 50, 10, 8
PEOPLE_AT_ONCE, FAN_OUTS, STREAMS = 1_000, 10, 1_000
MESSAGE = "id, event_id, kind, facts, context, traceparent, occurred_at, created_at, state, "
MESSAGE += "attempts, due_at, note"
ITEM = "id, message_id, account_id, sequence, organization_name, kind, category, title, body, "
ITEM += "subject_ids, created_at, read_at"
FEED = """
    INSERT INTO notifications.feed (account_id, last_sequence, unread, unseen, seen_sequence)
    SELECT account_id, max(sequence), count(*) FILTER (WHERE read_at IS NULL), 0, max(sequence)
    FROM notifications.notification GROUP BY account_id
    ON CONFLICT (account_id) DO UPDATE SET last_sequence = excluded.last_sequence,
        unread = excluded.unread, seen_sequence = excluded.seen_sequence
"""
BEGAN = "2026-01-01T00:00:00Z"


def main() -> None:
    """Seed, measure, seed the rest, measure again, explain; exit with 1 beyond the target."""
    from config import embedded
    from tests import servers

    many = int(sys.argv[1]) if len(sys.argv) > 1 else MANY
    servers.ENVIRONMENT |= {"TESTING": "false", "METRICS_PORT": "1", "LOG_LEVEL": "ERROR"}
    embedded.THROWAWAY.update(comparison.POSTGRES)
    with servers.started(), Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        comparison.prepare(nowhere)
        failures = _compare(many)
        _look()
        _fan_out()
    sys.exit(1 if failures else 0)


def _compare(many: int) -> list[str]:
    from django.conf import settings

    from bench import plans

    people = [_Person(n) for n in range(CALLERS + 1)]
    _seed(people, first=1, last=FEW)
    url = str(settings.DATABASE_OWNER_URL)
    whole = comparison.copy(url)
    _seed(people, first=FEW + 1, last=many)
    ways = _ways(people[0], people[1:])
    medians = comparison.measure_in_turns(ways, ways, whole=whole, rounds=ROUNDS)
    slow = comparison.compare(*medians, counted="items", count=(FEW, many))
    read_whole = plans.read_whole(ways)
    big = f"big tables that were read from end to end: {len(read_whole)}"
    for line in (*slow, *read_whole, big):
        say(line)
    return [*slow, *read_whole]


class _Person:
    """Somebody who is signed in."""

    def __init__(self, number: int) -> None:
        from domains.auth import interface as auth
        from domains.auth.services import login
        from domains.auth.services.clients import Client
        from domains.users import interface as users
        from kernel import facts
        from kernel.clock import now

        email = f"person{number}@example.com"
        self.id = auth.ensure_account(email=email, password=PASSWORD).id
        access = users.get_access(account_id=self.id, organization_id=None)
        self.organization = str(access.organization_id)
        facts.put(f"plan-rate:{self.organization}", str(10**9), ttl=3600)
        self.token = login.log_in(
            client=Client(), email=email, password=PASSWORD, now=now()
        ).access_token


def _ways(one: _Person, many: list[_Person]) -> comparison.Ways:
    from django.core.handlers.wsgi import WSGIHandler

    from domains.notifications.services.feed import live

    gateway, path = WSGIHandler(), "/api/v1/notifications"
    asked = {
        "list": path,
        "list unread": f"{path}?unread=true",
        "list of a category": f"{path}?category=team",
        "counts": f"{path}/counts",
    }
    ways: comparison.Ways = {comparison.PROBE: _get(gateway, many, "/livez")}
    for name, url in asked.items():
        ways[f"{name}, one of many"] = _get(gateway, many, url)
        ways[f"{name}, one who has all"] = _get(gateway, [one], url)
    turns = itertools.cycle(many)
    ways["resume, one of many"] = lambda: live.read_ahead(positions=[(next(turns).id, 10)])
    ways["resume, one who has all"] = lambda: live.read_ahead(positions=[(one.id, 500)])
    return ways


def _get(gateway: Any, people: list[_Person], path: str) -> Callable[[], None]:

    turns: Iterator[Any] = itertools.cycle(people)
    return lambda: comparison.get(gateway, path, next(turns))


def _of_many(n: int) -> UUID:
    return UUID(int=(0x0190 << 112) | (7 << 76) | (8 << 60) | n)


def _seed(people: list[_Person], *, first: int, last: int) -> None:
    from django.conf import settings

    begun, url = time.monotonic(), str(settings.DATABASE_OWNER_URL)
    with psycopg.connect(url, autocommit=True) as owner, owner.cursor() as cursor:
        with cursor.copy(f"COPY notifications.message ({MESSAGE}) FROM STDIN") as copy:
            for n in range(first, last + 1):
                copy.write(_message(n))
        with cursor.copy(f"COPY notifications.notification ({ITEM}) FROM STDIN") as copy:
            for n in range(first, last + 1):
                copy.write(_item(2 * n, people[0].id, n))
                copy.write(_item(2 * n + 1, _owner(people, n - 1), (n - 1) % EACH + 1))
        cursor.execute(FEED)
        cursor.execute("VACUUM (ANALYZE) notifications.notification")
        cursor.execute("VACUUM (ANALYZE) notifications.feed")
    comparison.settle(url)
    say(f"seeded notifications {first:,} to {last:,}, twice, in {time.monotonic() - begun:.0f} s")


def _owner(people: list[_Person], n: int) -> UUID:
    number = n // EACH
    return people[number + 1].id if number < CALLERS else _of_many(number - CALLERS)


def _message(n: int) -> str:
    id_ = UUID(int=(0x0191 << 112) | (7 << 76) | (8 << 60) | n)
    return f"{id_}\t{id_}\tbench\t{{}}\t{{}}\t\t{BEGAN}\t{BEGAN}\texpanded\t0\t{BEGAN}\t\n"


def _item(number: int, account_id: UUID, sequence: int) -> str:
    id_ = UUID(int=(0x0192 << 112) | (7 << 76) | (8 << 60) | number)
    message = UUID(int=(0x0191 << 112) | (7 << 76) | (8 << 60) | sequence)
    category = ("team", "files", "billing")[sequence % 3]
    read = r"\N" if sequence % 4 == 0 else BEGAN
    words = f"bench\t{category}\tSomething happened\tIt was the {sequence}th time."
    return f"{id_}\t{message}\t{account_id}\t{sequence}\t\t{words}\t{{}}\t{BEGAN}\t{read}\n"


def _look() -> None:
    """Tell how long it takes to ask for news of all streams of a process, as every few seconds."""
    from domains.notifications.services.feed import live

    connected = [(_of_many(n), EACH) for n in range(STREAMS)]
    taken = comparison.measure(
        {"look": lambda: live.read_ahead(positions=connected)}, rounds=ROUNDS
    )
    say(f"{taken['look']:.1f} ms to look for news of {STREAMS:,} quiet streams")


def _fan_out() -> None:
    """Tell how many items a second come into feeds, by a thousand people and commit."""
    from domains.notifications.models import Message, Notification
    from domains.notifications.services.feed import adding
    from kernel.clock import now
    from kernel.db import transaction
    from kernel.ids import uuid7

    times = {"occurred_at": now(), "created_at": now(), "due_at": now()}
    begun = time.perf_counter()
    for _ in range(FAN_OUTS):
        message = Message.objects.create(event_id=uuid7(), kind="bench", state="expanded", **times)
        items = [
            Notification(
                message=message, account_id=_of_many(n), kind="bench", title="x", created_at=now()
            )
            for n in range(PEOPLE_AT_ONCE)
        ]
        with transaction("notifications"):
            adding.add(items=items)
    seconds = time.perf_counter() - begun
    say(f"{FAN_OUTS * PEOPLE_AT_ONCE / seconds:,.0f} items a second, 1,000 people a commit")


if __name__ == "__main__":
    main()
