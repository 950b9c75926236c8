"""Many recipients are found page by page: once each, whoever dies or works on them at once."""

from __future__ import annotations

import os
import signal
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connections

from domains.notifications.models import Delivery, Message, Notification
from domains.notifications.services.fanout import audiences, expansion
from domains.notifications.services.messages import sending
from domains.notifications.tasks import expand_due_messages, expand_messages
from domains.users import interface as users
from kernel.clock import now
from tests.notifications.conftest import person
from tests.notifications.pipeline import became, member, order, sent, who
from tests.notifications.test_at_once import all_at_once

EVERYBODY = sending.Recipients(organization=True)


@pytest.fixture
def small_pages(monkeypatch):
    monkeypatch.setattr(audiences, "PAGE", 2)


@pytest.fixture
def crowd(acme) -> set[UUID]:
    """The organization's members, the owner among them."""
    return {member(acme.id, f"m{number}").id for number in range(6)} | {
        each.account_id for each in users.get_members(organization_id=acme.id, roles=None)
    }


def told(message: Message, channel: str = "email") -> list[UUID | None]:
    return sorted(each.account_id for each in became(message, channel))


@pytest.mark.django_db(databases="__all__")
def test_everybody_is_told_once_page_by_page(acme, crowd, small_pages):
    message = sending.send_message(
        principal=who(acme.id), order=order(recipients=EVERYBODY), now=now()
    )
    pages = 1
    while expansion.expand(message_id=message.id, now=now()).more:
        message.refresh_from_db()
        assert (message.state, message.recipients) == ("pending", 2 * pages)
        pages += 1
    message.refresh_from_db()
    assert (message.state, message.recipients, message.audience) == ("expanded", 7, {})
    assert told(message) == sorted(crowd) == told(message, "in_app")
    assert pages == 4


@pytest.mark.django_db(databases="__all__")
def test_whoever_is_named_in_several_ways_is_told_once(acme, small_pages):
    from domains.users.models import Membership, Team, TeamMembership

    bob, eve = member(acme.id), member(acme.id, "eve")
    outer = Team(organization_id=acme.id, name="Outer")
    outer.path = [outer.id]
    outer.save()
    inner = Team(organization_id=acme.id, name="Inner", parent=outer)
    inner.path = [outer.id, inner.id]
    inner.save()
    for account in (bob, eve):
        membership = Membership.objects.within(acme.id).get(account_id=account.id)
        for team in (outer, inner):
            TeamMembership.objects.create(organization_id=acme.id, team=team, membership=membership)
    recipients = sending.Recipients(account_ids=(bob.id,), team_ids=(outer.id, inner.id))
    assert told(sent(acme.id, order(recipients=recipients))) == sorted([bob.id, eve.id])
    recipients = sending.Recipients(team_ids=(outer.id,))
    assert told(sent(acme.id, order(recipients=recipients))) == sorted([bob.id, eve.id])


@pytest.mark.django_db(databases="__all__")
def test_addresses_come_after_the_members_and_get_mail_alone(acme, crowd, small_pages):
    recipients = sending.Recipients(
        organization=True, addresses=("X@example.com", "x@example.com", "y@example.com")
    )
    message = sent(acme.id, order(recipients=recipients))
    addresses = [each.address for each in became(message) if each.account_id is None]
    assert addresses == ["x@example.com", "y@example.com"]
    assert len(became(message, "in_app")) == len(crowd)
    alone = sent(acme.id, order(recipients=sending.Recipients(addresses=("z@example.com",))))
    assert [each.address for each in became(alone)] == ["z@example.com"]


@pytest.mark.django_db(databases="__all__")
def test_a_page_that_fails_is_written_whole_later_and_the_others_are_not_again(
    acme, crowd, small_pages
):
    at = now()
    message = sending.send_message(
        principal=who(acme.id), order=order(recipients=EVERYBODY), now=at
    )
    expansion.expand(message_id=message.id, now=at)
    broken = pytest.MonkeyPatch()
    broken.setattr(expansion, "_move_on", lambda *_, **__: 1 / 0)
    expansion.expand(message_id=message.id, now=at)
    broken.undo()
    message.refresh_from_db()
    assert (message.attempts, message.recipients, len(became(message))) == (1, 2, 2)
    expand_due_messages(now=at + timedelta(minutes=5))
    assert told(message) == sorted(crowd)


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_many_workers_at_once_tell_everybody_once(acme, crowd, small_pages):
    message = sending.send_message(
        principal=who(acme.id), order=order(recipients=EVERYBODY), now=now()
    )
    later = now() + timedelta(minutes=5)

    def work() -> None:
        expand_messages([str(message.id)])
        expand_due_messages(now=later)

    all_at_once(work)
    assert told(message) == sorted(crowd) == told(message, "in_app")
    message.refresh_from_db()
    assert (message.state, message.recipients) == ("expanded", len(crowd))
    assert Notification.objects.filter(message=message).count() == len(crowd)


@pytest.mark.django_db(transaction=True, databases="__all__")
@pytest.mark.parametrize("step", ["_is_ours", "_throttle", "_feed_items", "_move_on"])
def test_a_worker_killed_within_a_page_is_followed_by_one_that_goes_on(
    acme, crowd, small_pages, step
):
    at = now()
    message = sending.send_message(
        principal=who(acme.id), order=order(recipients=EVERYBODY), now=at
    )
    assert expansion.expand(message_id=message.id, now=at).more
    connections.close_all()
    worker = os.fork()
    if worker == 0:  # it never comes back from here
        setattr(expansion, step, lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL))
        expansion.expand(message_id=message.id, now=at)
        os._exit(1)
    _, status = os.waitpid(worker, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL
    assert Delivery.objects.filter(message=message, channel="email").count() == 2
    expand_due_messages(now=at + timedelta(minutes=5))
    assert told(message) == sorted(crowd)


@pytest.mark.django_db(databases="__all__")
def test_whoever_left_or_is_gone_is_not_told(acme):
    from domains.users.models import Membership

    bob, eve = member(acme.id), member(acme.id, "eve")
    message = sending.send_message(principal=who(acme.id), order=order(bob.id, eve.id), now=now())
    Membership.objects.within(acme.id).filter(account_id=eve.id).delete()
    expansion.expand(message_id=message.id, now=now())
    assert told(message) == [bob.id]


@pytest.mark.django_db(databases="__all__")
def test_members_are_listed_in_pages_by_role_team_and_account(acme, crowd, boundary):
    page = {"organization_id": acme.id, "roles": None, "team_ids": None, "account_ids": None}
    first = users.list_member_ids(**page, after=None, limit=4)
    second = users.list_member_ids(**page, after=first[-1], limit=4)
    assert [*first, *second] == sorted(crowd)
    owners = users.list_member_ids(**{**page, "roles": ["owner"]}, after=None, limit=9)
    assert len(owners) == 1
    outsider = person("outsider")
    some = {**page, "account_ids": [outsider.id, first[0]]}
    assert users.list_member_ids(**some, after=None, limit=9) == [first[0]]
    nobody = {**page, "account_ids": []}
    assert users.list_member_ids(**nobody, after=None, limit=9) == []
    assert users.get_team_ids(organization_id=acme.id, team_ids=[outsider.id]) == []
