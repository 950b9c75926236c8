"""An organization's own category is named by its key wherever it is shown, never by its id."""

from __future__ import annotations

import pytest

from domains.notifications.api.stream import FeedSource
from domains.notifications.models import Delivery, Notification
from tests.notifications.pipeline import member
from tests.notifications.test_admin import staff, url
from tests.notifications.test_feed import signed_in
from tests.notifications.test_messages_api import a_message, send

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def bob(acme):
    return member(acme.id)


@pytest.fixture
def sent(owner, bob, deliver_events):
    """Return the id of a message to Bob of a deployment."""
    made = owner.post("notifications/categories", {"key": "deploys", "name": "Deployments"})
    assert made.status_code == 201
    told = send(owner, a_message(bob.id, category="deploys", channels=["in_app"]))
    deliver_events()
    return told["id"]


def test_a_feed_has_its_key_and_is_asked_for_by_it(api, bob, acme, sent):
    client = signed_in(api, bob)
    client.headers["Organization-Id"] = str(acme.id)
    (item,) = client.get("notifications?category=deploys").json()["data"]
    assert (item["title"], item["category"]) == ("The build is green", "deploys")
    path = f"notifications/{item['id']}"
    for what in ("read", "archive"):
        assert client.post(f"{path}/{what}").json()["category"] == "deploys"
        assert client.delete(f"{path}/{what}").json()["category"] == "deploys"
    assert client.get("notifications?category=nothing").json()["data"] == []


def test_a_stream_tells_its_key(bob, sent):
    (news,) = FeedSource().news([(bob.id, 0)]).values()
    assert b'"category":"deploys"' in news.data


def test_a_trace_names_its_key(owner, sent):
    (delivery,) = owner.get(f"notifications/messages/{sent}/trace").json()["data"]
    assert delivery["steps"][0]["details"]["category"] == "deploys"


def test_staff_see_its_key(sent):
    lists = staff(superuser=False).get(url("delivery", "changelist")).content.decode()
    stored = Delivery.objects.filter(message_id=sent).values_list("category", flat=True)
    assert ">deploys<" in lists
    assert not any(each in lists for each in stored)


def test_of_a_deleted_one_the_id_is_left(api, owner, bob, sent):
    stored = Notification.objects.get(message_id=sent).category
    assert owner.delete("notifications/categories/deploys").status_code == 204
    items = signed_in(api, bob).get("notifications").json()["data"]
    assert stored in {each["category"] for each in items}
