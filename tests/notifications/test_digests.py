"""What is gathered is told once, together, when it is due; and nothing is told of nothing."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest

from domains.notifications.models import Delivery, Digest, Message, Notification, Throttle
from domains.notifications.services.deciding import closing, digests, preferences
from domains.notifications.services.fanout import expansion
from domains.notifications.services.messages import sending
from domains.notifications.tasks import close_due_digests, send_due_deliveries
from kernel.clock import now
from tests.notifications.conftest import mails_to
from tests.notifications.pipeline import (
    became,
    keeps,
    member,
    order,
    rules,
    sent,
    wants,
    who,
)
from tests.notifications.test_at_once import all_at_once

EVENING = datetime(2026, 11, 28, 20, tzinfo=UTC)
EIGHT = datetime(2026, 11, 29, 8, tzinfo=UTC)
pytestmark = pytest.mark.django_db(databases="__all__")


def gathering(organization_id, frequency: str = "daily"):
    bob = member(organization_id)
    wants(bob, "product", "email", frequency)
    return bob


def told() -> list[Delivery]:
    return list(Delivery.objects.filter(message__source="digest"))


def test_what_is_gathered_says_into_what_it_was_merged_and_the_digest_names_it(acme):
    bob = gathering(acme.id)
    items = [
        became(sent(acme.id, order(bob.id, subject=f"News {number}"), at=EVENING))[0]
        for number in range(3)
    ]
    digest = Digest.objects.get(account_id=bob.id)
    assert digest.due_at == EIGHT
    for item in items:
        assert (item.state, item.digest_id) == ("merged", digest.id)
        assert rules(item)["digest"] == ("merged", "digest.daily")
        assert item.trace[-1]["digest_id"] == str(digest.id)
        assert item.trace[-1]["until"] == EIGHT.isoformat()
    close_due_digests(now=EIGHT)
    (delivery,) = told()
    assert delivery.trace[0]["items"] == [str(each.id) for each in items]
    assert delivery.trace[0]["digest_id"] == str(digest.id)
    send_due_deliveries(now=EIGHT + timedelta(minutes=1))
    (mail,) = mails_to(bob.email)
    assert mail.subject == "3 notifications from Acme"
    assert all(f"- News {number}" in mail.body for number in range(3))


def test_what_is_critical_is_gathered_by_nobody(acme):
    bob = gathering(acme.id)
    (item,) = became(sent(acme.id, order(bob.id, priority="critical"), at=EVENING))
    assert (item.state, item.digest_id) == ("pending", None)
    assert rules(item)["digest"] == ("passed", "digest.none")
    assert not Digest.objects.exists()


def test_it_is_not_told_before_it_is_due_and_only_once(acme):
    bob = gathering(acme.id)
    sent(acme.id, order(bob.id), at=EVENING)
    close_due_digests(now=EIGHT - timedelta(seconds=1))
    assert told() == []
    for _ in range(2):
        close_due_digests(now=EIGHT)
    assert len(told()) == 1


def test_what_comes_later_is_told_by_the_next(acme):
    bob = gathering(acme.id)
    first = became(sent(acme.id, order(bob.id), at=EVENING))[0]
    close_due_digests(now=EIGHT)
    second = became(sent(acme.id, order(bob.id), at=EIGHT))[0]
    assert first.digest_id != second.digest_id
    close_due_digests(now=EIGHT + timedelta(days=1))
    assert [each.trace[0]["items"] for each in told()] == [[str(first.id)], [str(second.id)]]


def test_what_was_read_in_the_app_is_left_out_and_nothing_is_told_of_nothing(acme):
    bob = gathering(acme.id)
    read, other = (sent(acme.id, order(bob.id), at=EVENING) for _ in range(2))
    Notification.objects.filter(message=read).update(read_at=EVENING)
    close_due_digests(now=EIGHT)
    assert told()[0].trace[0]["items"] == [str(became(other)[0].id)]
    left_out = became(read)[0]
    assert (left_out.state, left_out.trace[-1]["rule"]) == ("suppressed", "digest.read_in_app")
    third = sent(acme.id, order(bob.id), at=EIGHT)
    Notification.objects.filter(message=third).update(read_at=EIGHT)
    close_due_digests(now=EIGHT + timedelta(days=1))
    assert len(told()) == 1
    assert sorted(Digest.objects.values_list("items", flat=True)) == [0, 1]


def test_what_was_switched_off_meanwhile_is_not_told(acme):
    bob = gathering(acme.id)
    item = became(sent(acme.id, order(bob.id), at=EVENING))[0]
    preferences.switch_off(account_id=bob.id, category="product", channel="email", now=EVENING)
    close_due_digests(now=EIGHT)
    item.refresh_from_db()
    assert (told(), item.state) == ([], "suppressed")


def test_a_digest_waits_for_the_end_of_quiet_hours(acme):
    bob = gathering(acme.id, "hourly")
    keeps(bob, quiet_from=time(20, 30), quiet_until=time(9))
    sent(acme.id, order(bob.id), at=EVENING)
    due = EVENING + timedelta(hours=1)
    close_due_digests(now=due)
    (delivery,) = told()
    assert (delivery.state, delivery.due_at) == ("deferred", EIGHT + timedelta(hours=1))


def test_what_a_throttle_holds_back_is_not_gathered(acme):
    bob = gathering(acme.id)
    Throttle.objects.create(organization_id=acme.id, category="product", most=1, period=3600)
    states = [became(sent(acme.id, order(bob.id), at=EVENING))[0].state for _ in range(2)]
    assert states == ["merged", "suppressed"]


def test_a_digest_that_fails_half_way_is_told_whole_afterwards(acme, monkeypatch):
    bob = gathering(acme.id)
    item = became(sent(acme.id, order(bob.id), at=EVENING))[0]
    broken = pytest.MonkeyPatch()
    broken.setattr(closing, "_decide", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        closing.close(digest_id=item.digest_id, now=EIGHT)
    broken.undo()
    assert not Message.objects.filter(source="digest").exists()
    assert closing.close(digest_id=item.digest_id, now=EIGHT) == told()[0].id


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_gathered_and_closed_at_once_each_item_is_told_once(acme):
    bob = gathering(acme.id, "hourly")
    at = now()
    later = at + timedelta(hours=2)

    def gather_and_close() -> None:
        for _ in range(4):
            message = sending.send_message(
                principal=who(acme.id), order=order(bob.id, channels=["email"]), now=at
            )
            expansion.expand(message_id=message.id, now=at)
            for digest_id in digests.due(now=later, limit=10):
                closing.close(digest_id=digest_id, now=later)

    all_at_once(gather_and_close)
    close_due_digests(now=later)
    named = [item for each in told() for item in each.trace[0]["items"]]
    items = Delivery.objects.filter(message__source="customer", state="merged")
    assert sorted(named) == sorted(str(each.id) for each in items)
    assert len(named) == 24
    assert not Digest.objects.filter(closed_at=None).exists()
