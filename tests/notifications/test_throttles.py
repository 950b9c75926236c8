"""No more of a category reach a recipient than may, whoever counts at once."""

from __future__ import annotations

from datetime import timedelta
from threading import Lock

import pytest

from domains.notifications.models import Delivery, Passed, Throttle
from domains.notifications.services.deciding import throttles
from domains.notifications.tasks import forget_old_counts
from domains.users.interface import MemberInvited
from kernel.clock import now
from kernel.db import transaction
from kernel.ids import uuid7
from tests.notifications.conftest import say
from tests.notifications.pipeline import became, member, order, rules, sent
from tests.notifications.test_at_once import all_at_once
from tests.notifications.test_mapping import an_invitation

HOUR = timedelta(hours=1)


def throttled(organization_id, most: int = 2) -> Throttle:
    return Throttle.objects.create(
        organization_id=organization_id, category="product", most=most, period=3600
    )


@pytest.mark.django_db(databases="__all__")
def test_the_third_in_an_hour_is_held_back_and_says_why(acme):
    bob = member(acme.id)
    throttled(acme.id)
    at = now()
    states = [became(sent(acme.id, order(bob.id), at=at))[0] for _ in range(3)]
    assert [each.state for each in states] == ["pending", "pending", "suppressed"]
    assert rules(states[-1])["throttle"] == ("suppressed", "throttle.category")
    assert (states[-1].trace[-1]["most"], states[-1].trace[-1]["period"]) == (2, 3600)


@pytest.mark.django_db(databases="__all__")
def test_it_counts_any_hour_and_not_the_full_ones(acme):
    bob = member(acme.id)
    throttled(acme.id)
    begun = now()
    moments = [begun, begun + 0.9 * HOUR, begun + 1.1 * HOUR, begun + 1.2 * HOUR]
    states = [became(sent(acme.id, order(bob.id), at=at))[0].state for at in moments]
    assert states == ["pending", "pending", "pending", "suppressed"]


@pytest.mark.django_db(databases="__all__")
def test_each_recipient_channel_and_organization_is_counted_by_itself(acme, ada):
    bob, eve = member(acme.id), member(acme.id, "eve")
    throttled(acme.id, most=1)
    at = now()
    sent(acme.id, order(bob.id, channels=["email"]), at=at)
    both = sent(acme.id, order(bob.id, eve.id), at=at)
    states = {each.account_id: each.state for each in became(both)}
    assert states == {bob.id: "suppressed", eve.id: "pending"}
    assert {each.state for each in became(both, "in_app")} == {"sent"}
    assert throttles.find(organization_id=uuid7(), category="product") is None


@pytest.mark.django_db(databases="__all__")
def test_what_is_critical_is_not_counted(acme):
    bob = member(acme.id)
    throttled(acme.id, most=1)
    at = now()
    for _ in range(3):
        message = sent(acme.id, order(bob.id, priority="critical"), at=at)
        assert rules(became(message)[0])["throttle"] == ("passed", "throttle.critical")


@pytest.mark.django_db(databases="__all__")
def test_what_must_be_told_is_neither_held_back_nor_counted(ada, acme, deliver_events):
    Throttle.objects.create(organization_id=acme.id, category="team", most=1, period=3600)
    addresses = [f"{number}.{uuid7()}@example.com" for number in range(2)]
    for address in addresses:
        invitation = an_invitation(acme.id, ada, address)
        say(MemberInvited(organization_id=acme.id, invitation_id=invitation.id, account_id=ada.id))
    deliver_events()
    mails = Delivery.objects.filter(message__kind="users.invitation")
    assert sorted(each.address for each in mails) == sorted(addresses)
    assert {rules(each)["throttle"] for each in mails} == {("passed", "category.mandatory")}
    assert {each.state for each in mails} == {"sent"}


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_of_many_at_once_as_many_pass_as_may(acme):
    throttle = throttled(acme.id, most=3)
    recipients = [(f"r{number}", None) for number in range(20)]
    passed: list[str] = []
    lock = Lock()

    def take() -> None:
        for order_ in (recipients, recipients[::-1]):
            with transaction("notifications"):
                allowed = throttles.take(
                    throttle=throttle, channel="email", recipients=order_, now=now()
                )
            with lock:
                passed.extend(allowed)

    all_at_once(take)
    assert sorted(passed) == sorted([recipient for recipient, _ in recipients] * 3)


@pytest.mark.django_db(databases="__all__")
def test_what_no_throttle_can_count_any_more_is_forgotten(acme):
    bob = member(acme.id)
    throttled(acme.id)
    begun = now()
    sent(acme.id, order(bob.id), at=begun)
    forget_old_counts(now=begun + timedelta(days=6))
    assert Passed.objects.within(acme.id).count() == 2
    forget_old_counts(now=begun + timedelta(days=8))
    assert Passed.objects.within(acme.id).count() == 0
