"""What a person does with their feed, and that its counts are always what counting says."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domains.notifications.models import Feed, Message, Notification
from domains.notifications.services import privacy
from domains.notifications.services.erasure import erase_messages
from domains.notifications.services.feed import changing
from domains.notifications.tasks import clear_feeds
from kernel.clock import now
from kernel.db import transaction
from kernel.ids import uuid7
from tests.client import Api
from tests.notifications.conftest import person, principal
from tests.notifications.feeds import insist_on_counts, numbers_of, signed_in, told

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def mine(api, ada) -> Api:
    return signed_in(api, ada)


def titles(answer) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [each["title"] for each in answer.json()["data"]]


def counts(mine) -> tuple[int, int]:
    found = mine.get("notifications/counts").json()
    return found["unread"], found["unseen"]


def test_an_empty_feed_has_counts_too(mine):
    assert mine.get("notifications/counts").json() == {
        "unread": 0,
        "unseen": 0,
        "last_sequence": 0,
        "seen_at": None,
    }
    assert mine.post("notifications/seen").json()["unseen"] == 0
    assert mine.post("notifications/read-all").json() == {"marked": 0}


def test_items_are_numbered_from_one_in_their_order(mine, ada):
    told(ada, "a", "b")
    told(person("other"), "theirs")
    told(ada, "c")
    shown = mine.get("notifications").json()["data"]
    assert [(each["sequence"], each["title"]) for each in shown] == [(3, "c"), (2, "b"), (1, "a")]


def test_what_came_after_the_feed_was_opened_is_unseen(mine, ada):
    told(ada, "a", "b")
    assert counts(mine) == (2, 2)
    seen = mine.post("notifications/seen")
    assert (seen.status_code, seen.json()["unseen"], seen.json()["unread"]) == (200, 0, 2)
    assert seen.json()["seen_at"].endswith("Z")
    told(ada, "c")
    assert counts(mine) == (3, 1)


def test_the_feed_is_seen_as_far_as_it_was_shown_and_never_less(mine, ada):
    told(ada, "a", "b", "c")
    assert mine.post("notifications/seen", {"up_to": 2}).json()["unseen"] == 1
    assert mine.post("notifications/seen", {"up_to": 1}).json()["unseen"] == 1
    assert mine.post("notifications/seen", {"up_to": 10**12}).json()["unseen"] == 0
    told(ada, "d")
    assert counts(mine) == (4, 1)


@pytest.mark.parametrize("body", [{"up_to": -1}, {"up_to": "2"}, {"until": 2}])
@pytest.mark.parametrize("path", ["seen", "read-all"])
def test_a_wrong_number_is_refused(mine, path, body):
    assert mine.post(f"notifications/{path}", body).status_code == 422


def test_one_can_be_unread_again(mine, ada):
    (item,) = told(ada, "a")
    assert mine.post(f"notifications/{item.id}/read").json()["read_at"]
    assert counts(mine) == (0, 1)
    assert mine.delete(f"notifications/{item.id}/read").json()["read_at"] is None
    assert mine.delete(f"notifications/{item.id}/read").json()["read_at"] is None
    assert counts(mine) == (1, 1)


def test_all_are_read_up_to_the_last_that_was_shown(mine, ada):
    told(ada, "a", "b", "c")
    assert mine.post("notifications/read-all", {"up_to": 2}).json() == {"marked": 2}
    assert counts(mine) == (1, 3)


def test_what_is_archived_is_listed_apart_and_not_counted(mine, ada):
    _, item = told(ada, "kept", "archived")
    first = mine.post(f"notifications/{item.id}/archive")
    assert first.json() == mine.post(f"notifications/{item.id}/archive").json()
    assert first.json()["archived_at"].endswith("Z")
    assert titles(mine.get("notifications")) == ["kept"]
    assert titles(mine.get("notifications?archived=true")) == ["archived"]
    assert counts(mine) == (1, 1)
    assert mine.post("notifications/read-all").json() == {"marked": 1}
    assert mine.delete(f"notifications/{item.id}/archive").json()["archived_at"] is None
    assert titles(mine.get("notifications")) == ["archived", "kept"]
    assert counts(mine) == (1, 2)


def test_one_can_be_deleted_and_its_number_is_not_given_again(mine, ada):
    item, _ = told(ada, "gone", "kept")
    assert mine.delete(f"notifications/{item.id}").status_code == 204
    assert mine.delete(f"notifications/{item.id}").status_code == 404
    assert counts(mine) == (1, 1)
    told(ada, "new")
    assert numbers_of(ada.id) == [2, 3]


def test_another_persons_item_can_be_neither_changed_nor_deleted(mine):
    (theirs,) = told(person("other"), "theirs")
    for method, path in [("DELETE", "/read"), ("POST", "/archive"), ("DELETE", "")]:
        answer = mine.request(method, f"notifications/{theirs.id}{path}")
        assert (answer.status_code, answer.json()["code"]) == (
            404,
            "notifications.notification_not_found",
        )
    assert Notification.objects.filter(id=theirs.id, archived_at=None).exists()


def test_the_list_is_narrowed_by_what_it_is_about(mine, ada):
    organization_id = uuid7()
    told(ada, "plain")
    told(ada, "team", category="team")
    told(ada, "acme", organization_id=organization_id)
    told(ada, "kind", kind="files.file_uploaded")
    told(ada, "old", created_at=now() - timedelta(days=9))
    since = (now() - timedelta(days=1)).isoformat().replace("+00:00", "Z")
    assert titles(mine.get("notifications?category=team")) == ["team"]
    assert titles(mine.get(f"notifications?organization={organization_id}")) == ["acme"]
    assert titles(mine.get("notifications?kind=files.file_uploaded")) == ["kind"]
    assert titles(mine.get(f"notifications?since={since}")) == ["kind", "acme", "team", "plain"]
    assert titles(mine.get("notifications?category=none&unread=true")) == []


def test_erasing_a_message_takes_it_out_of_the_counts_of_every_feed(ada):
    other = person("other")
    (item, _), (theirs,) = told(ada, "a", "b"), told(other, "c")
    with transaction("notifications"):
        gone = [item.message_id, theirs.message_id]
        erase_messages(Message.objects.filter(id__in=gone))
    insist_on_counts(ada.id, other.id)
    assert [numbers_of(each.id) for each in (ada, other)] == [[2], []]


def test_of_an_erased_person_neither_items_nor_counts_are_left(mine, ada):
    told(ada, "a")
    assert mine.post("notifications/stream-ticket").status_code == 201
    page = privacy.export_person(account_id=ada.id, cursor=None)
    shown = {section.name: section.records for section in page.sections}
    assert '"unread": 1' in shown["feed_state"][0]
    assert len(shown["feed"]) == len(shown["stream_tickets"]) == 1
    for _ in range(2):
        privacy.erase_person(account_id=ada.id, address_marks=())
        assert not Notification.objects.filter(account_id=ada.id).exists()
        assert not Feed.objects.filter(account_id=ada.id).exists()


def test_old_items_are_forgotten_once_they_were_read_or_archived(ada):
    long_ago = now() - timedelta(days=181)
    read, archived, _ = told(ada, "read", "archived", "unread", created_at=long_ago)
    (young,) = told(ada, "young")
    me = principal(ada.id)
    for item in (read, young):
        changing.mark_read(principal=me, notification_id=item.id, now=now())
    changing.archive(principal=me, notification_id=archived.id, now=now())
    clear_feeds(now=now())
    assert numbers_of(ada.id) == [3, 4]
    insist_on_counts(ada.id)


DEEDS = st.lists(
    st.tuples(
        st.sampled_from(["add", "read", "unread", "archive", "unarchive", "delete", "all", "seen"]),
        st.integers(0, 5),
    ),
    max_size=25,
)


@settings(max_examples=20)
@given(deeds=DEEDS)
def test_counts_are_exact_after_any_deeds(deeds):
    account = SimpleNamespace(id=uuid7())
    me = principal(account.id)
    items = told(account, "first")
    for deed, number in deeds:
        _do(deed, me, account, items, number)
        insist_on_counts(account.id)
    assert Feed.objects.get(account_id=account.id).last_sequence == len(items)


def _do(deed, me, account, items, number) -> None:
    item = {"principal": me, "notification_id": items[number % len(items)].id}
    ways = {
        "add": lambda: items.extend(told(account, "more")),
        "read": lambda: changing.mark_read(**item, now=now()),
        "unread": lambda: changing.mark_unread(**item),
        "archive": lambda: changing.archive(**item, now=now()),
        "unarchive": lambda: changing.unarchive(**item),
        "delete": lambda: changing.delete(**item),
        "all": lambda: changing.mark_all_read(principal=me, up_to=number, now=now()),
        "seen": lambda: changing.mark_seen(principal=me, up_to=number, now=now()),
    }
    try:
        ways[deed]()
    except changing.NotificationNotFound:
        assert not Notification.objects.filter(id=item["notification_id"]).exists()
