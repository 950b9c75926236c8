"""Feeds that many write to at once: no number twice and none left out, and nobody is stuck."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from threading import Barrier

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from bench import plans
from domains.notifications.models import Feed, Message, Notification
from domains.notifications.services.erasure import erase_messages
from domains.notifications.services.feed import adding, changing, live, reading, removing
from kernel.clock import now
from kernel.db import transaction
from kernel.ids import uuid7
from tests import patience
from tests.notifications.conftest import principal
from tests.notifications.feeds import an_item, insist_on_counts, numbers_of

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

PEOPLE = [uuid7() for _ in range(40)]
WRITERS, ROUNDS = 4, 8
SEED = """
    INSERT INTO message (id, event_id, kind, facts, context, traceparent, occurred_at,
        created_at, state, attempts, due_at, note)
    VALUES (%(message)s, %(message)s, 'test', '{}', '{}', '', now(),
        now(), 'expanded', 0, now(), '');
    ALTER TABLE notification DROP CONSTRAINT notification_once_per_person;
    INSERT INTO notification (id, message_id, account_id, sequence, organization_name, kind, title,
        body, subject_ids, created_at, read_at)
    SELECT gen_random_uuid(), %(message)s, ('00000000-0000-7000-8000-'
        || lpad((n %% 100)::text, 12, '0'))::uuid, n / 100 + 1, '', 'test', 'title', '', '{}',
        now() - n * interval '1 minute', CASE WHEN n %% 3 = 0 THEN now() END
    FROM generate_series(0, 19999) n;
    INSERT INTO feed (account_id, last_sequence, unread, unseen, seen_sequence)
    SELECT account_id, max(sequence), count(*), count(*), 0 FROM notification GROUP BY account_id;
    ANALYZE notification; ANALYZE feed;
"""
UNSEED = """
    TRUNCATE notification, feed, message CASCADE;
    ALTER TABLE notification ADD CONSTRAINT notification_once_per_person
        UNIQUE (message_id, account_id);
"""


def at_once(*works: Callable[[], None]) -> None:
    """Run the works at the same time, each with database connections of its own."""
    start = Barrier(len(works))

    def run(work: Callable[[], None]) -> None:
        try:
            start.wait(timeout=patience.SECONDS)
            work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as pool:
        list(pool.map(run, works))


def add_often() -> None:
    for _ in range(ROUNDS):
        people = random.sample(PEOPLE, len(PEOPLE) // 2)
        items = [an_item(account_id) for account_id in people for _ in range(random.randint(1, 2))]
        with transaction("notifications"):
            adding.add(items=items)


def read_often() -> None:
    for account_id in random.sample(PEOPLE, len(PEOPLE)):
        me = principal(account_id)
        changing.mark_all_read(principal=me, up_to=random.randrange(9), now=now())
        changing.mark_seen(principal=me, up_to=random.randrange(9), now=now())


def erase_often() -> None:
    for _ in range(ROUNDS):
        told = Notification.objects.order_by("?").values_list("message_id", flat=True)[:3]
        with transaction("notifications"):
            erase_messages(Message.objects.filter(id__in=list(told)))


def test_who_adds_at_once_waits_for_one_another_and_leaves_no_gap():
    at_once(*[add_often] * WRITERS)
    for account_id in PEOPLE:
        numbers = numbers_of(account_id)
        assert numbers == list(range(1, len(numbers) + 1))
        assert Feed.objects.get(account_id=account_id).last_sequence == len(numbers)
    insist_on_counts(*PEOPLE)


def test_counts_are_exact_whoever_adds_reads_and_erases_at_once():
    at_once(add_often, add_often, read_often, erase_often)
    insist_on_counts(*Feed.objects.values_list("account_id", flat=True))


def test_what_is_rolled_back_takes_no_number():
    with pytest.raises(RuntimeError), transaction("notifications"):
        adding.add(items=[an_item(PEOPLE[0])])
        raise RuntimeError
    item = an_item(PEOPLE[0])
    with transaction("notifications"):
        adding.add(items=[item])
    assert item.sequence == 1


def test_a_thousand_people_are_told_by_a_handful_of_statements():
    items = [an_item(uuid7()) for _ in range(1_000)]
    with (
        CaptureQueriesContext(connections["notifications"]) as captured,
        transaction("notifications"),
    ):
        adding.add(items=items)
    assert len(captured) <= 6, [each["sql"][:80] for each in captured]


def test_what_was_there_before_is_numbered_and_counted_by_the_migration():
    old, new = PEOPLE[:2]
    with transaction("notifications"):
        adding.add(items=[an_item(old, kind="auth.welcome") for _ in range(5)])
        adding.add(items=[an_item(new, kind="users.member_joined") for _ in range(2)])
    third = Notification.objects.get(account_id=old, sequence=3)
    changing.mark_read(principal=principal(old), notification_id=third.id, now=now())
    before = list(Notification.objects.order_by("id").values_list("id", "sequence"))
    migration = import_module("domains.notifications.migrations.0005_feeds_are_numbered")
    with connections["notifications"].cursor() as cursor:
        cursor.execute("UPDATE notification SET sequence = sequence + 1000")
        cursor.execute("DELETE FROM feed")
        cursor.execute(migration.FORWARDS)
    assert list(Notification.objects.order_by("id").values_list("id", "sequence")) == before
    assert Notification.objects.filter(category="security").count() == 5
    assert Notification.objects.filter(category="team").count() == 2
    assert Feed.objects.get(account_id=old).seen_sequence == 3
    assert [Feed.objects.get(account_id=each).unseen for each in (old, new)] == [2, 2]
    insist_on_counts(old, new)


@pytest.fixture
def many():
    """Twenty thousand items of a hundred people."""
    with connections["notifications"].cursor() as cursor:
        cursor.execute(SEED, {"message": uuid7()})
        yield
        cursor.execute(UNSEED)


def test_no_way_to_a_feed_reads_those_of_all(many):
    me = principal(Feed.objects.values_list("account_id", flat=True)[0])
    feed = reading.list_feed(principal=me, archived=False).order_by("-sequence", "-id")
    ways: dict[str, Callable[[], object]] = {
        "list": lambda: list(feed[:51]),
        "page": lambda: list(feed.filter(sequence__lte=50)[:51]),
        "unread": lambda: list(feed.filter(read_at=None)[:51]),
        "archived": lambda: list(reading.list_feed(principal=me, archived=True)[:51]),
        "category": lambda: list(feed.filter(category="team")[:51]),
        "counts": lambda: reading.get_counts(principal=me),
        "resume": lambda: live.read_ahead(positions=[(me.account_id, 100)]),
        "read all": lambda: changing.mark_all_read(principal=me, up_to=None, now=now()),
        "seen": lambda: changing.mark_seen(principal=me, up_to=3, now=now()),
        "sweep": lambda: removing.forget_done(now=now()),
    }
    assert plans.read_whole(ways) == []
