"""The feed through its API, as a person's app sees it."""

from __future__ import annotations

import pytest

from domains.notifications import interface as notifications
from kernel.clock import now
from kernel.ids import uuid7
from tests.client import Api
from tests.notifications.conftest import person
from tests.notifications.feeds import signed_in, told

pytestmark = pytest.mark.django_db(databases="__all__")

UNKNOWN = "01a20000-0000-7000-8000-000000000000"


@pytest.fixture
def mine(api, ada) -> Api:
    return signed_in(api, ada)


def titles(answer) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [each["title"] for each in answer.json()["data"]]


def test_the_newest_comes_first_and_names_its_organization(mine, ada):
    organization_id = uuid7()
    told(ada, "first")
    told(ada, "second", organization_id=organization_id)
    answer = mine.get("notifications")
    assert titles(answer) == ["second", "first"]
    second, first = answer.json()["data"]
    assert second["organization"] == {"id": str(organization_id), "name": "Acme"}
    assert first["organization"] is None
    assert first["read_at"] is None
    assert first["created_at"].endswith("Z")


def test_pages_hold_each_item_once_while_new_ones_arrive(mine, ada):
    told(ada, *[f"{n}" for n in range(7)])
    seen, cursor = [], ""
    while True:
        answer = mine.get(f"notifications?limit=3{cursor}")
        seen += titles(answer)
        told(ada, "new")
        if not answer.json()["next_cursor"]:
            break
        cursor = f"&cursor={answer.json()['next_cursor']}"
    assert seen == [f"{n}" for n in reversed(range(7))]


def test_unread_ones_can_be_asked_for_alone(mine, ada):
    _, read = told(ada, "unread", "read")
    mine.post(f"notifications/{read.id}/read")
    assert titles(mine.get("notifications?unread=true")) == ["unread"]
    assert titles(mine.get("notifications?unread=false")) == ["read"]
    assert mine.get("notifications/unread-count").json() == {"unread": 1}


def test_the_first_reading_counts(mine, ada):
    (item,) = told(ada, "item")
    first = mine.post(f"notifications/{item.id}/read")
    second = mine.post(f"notifications/{item.id}/read")
    assert first.status_code == second.status_code == 200
    assert first.json() == second.json()
    assert first.json()["read_at"] is not None


def test_everything_can_be_read_at_once_and_only_ones_own(mine, ada):
    other = person("other")
    told(ada, "one", "two")
    told(other, "theirs")
    assert mine.post("notifications/read-all").json() == {"marked": 2}
    assert mine.post("notifications/read-all").json() == {"marked": 0}
    counts = notifications.get_unread_counts(account_ids=[ada.id, other.id, uuid7()])
    assert [each.unread for each in counts] == [0, 1, 0]


def test_another_persons_item_is_as_unknown_as_one_that_never_was(mine, ada):
    (theirs,) = told(person("other"), "theirs")
    assert titles(mine.get("notifications")) == []
    answers = [mine.post(f"notifications/{each}/read") for each in (theirs.id, UNKNOWN)]
    bodies = []
    for answer in answers:
        assert answer.status_code == 404
        body = answer.json()
        assert body["code"] == "notifications.notification_not_found"
        bodies.append({k: v for k, v in body.items() if k not in ("instance", "request_id")})
    assert bodies[0] == bodies[1]
    theirs.refresh_from_db()
    assert theirs.read_at is None


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=201", "limit=x", "unread=maybe", "cursor=nonsense", "colour=red", "sort=id"],
)
def test_a_wrong_parameter_is_refused(mine, query):
    answer = mine.get(f"notifications?{query}")
    assert answer.status_code == 400
    assert answer.headers["Content-Type"].startswith("application/problem+json")


def test_an_id_that_is_none_is_not_found(mine):
    assert mine.post("notifications/7/read").status_code == 404


def test_strangers_are_asked_to_sign_in(api):
    for method, path in [
        ("GET", "notifications"),
        ("GET", "notifications/unread-count"),
        ("POST", f"notifications/{UNKNOWN}/read"),
        ("POST", "notifications/read-all"),
    ]:
        assert api.request(method, path).status_code == 401


def test_an_api_key_is_told_that_it_has_no_feed():
    from domains.notifications.services.feed import changing, reading
    from kernel.principal import Principal

    key = Principal(
        kind="api_key",
        account_id=uuid7(),
        api_key_id=uuid7(),
        organization_id=uuid7(),
        memberships={},
    )
    with pytest.raises(notifications.PersonRequired):
        reading.get_feed(principal=key)
    with pytest.raises(notifications.PersonRequired):
        changing.mark_all_read(principal=key, up_to=None, now=now())


def test_counts_can_be_asked_here_and_elsewhere(ada):
    told(ada, "one")
    (count,) = notifications.get_unread_counts(account_ids=[ada.id])
    assert count == notifications.UnreadCount(account_id=ada.id, unread=1)
    assert notifications.get_unread_counts(account_ids=[]) == []
