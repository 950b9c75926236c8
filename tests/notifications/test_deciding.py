"""Every step decides, and says by which rule; what nobody may switch off gets through."""

from __future__ import annotations

from datetime import UTC, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.billing import interface as billing
from domains.notifications.contract.errors import CategoryMandatory
from domains.notifications.models import (
    DefaultPreference,
    Delivery,
    Mute,
    Notification,
    Preference,
)
from domains.notifications.services.catalogue.categories import BUILT_IN, is_mandatory
from domains.notifications.services.catalogue.table import RULES
from domains.notifications.services.deciding import preferences
from domains.notifications.services.deciding.deciding import Facts, Subject, decide
from domains.notifications.services.deciding.quiet import Quiet
from kernel.clock import now
from kernel.ids import uuid7
from tests.notifications.conftest import a_sign_in, say
from tests.notifications.pipeline import became, keeps, member, order, rules, sent, wants

pytestmark = pytest.mark.django_db(databases="__all__")

NIGHT = datetime(2026, 11, 28, 23, tzinfo=UTC)
MORNING = datetime(2026, 11, 29, 7, tzinfo=UTC)
STEPS = ["fan_out", "preferences", "quiet_hours", "throttle", "digest"]


def test_what_nothing_holds_back_says_what_each_step_found(acme):
    bob = member(acme.id)
    message = sent(acme.id, order(bob.id))
    (mail,) = became(message)
    assert mail.state == "pending"
    assert [each["step"] for each in mail.trace] == STEPS
    assert rules(mail) == {
        "fan_out": ("passed", "audience.chosen"),
        "preferences": ("passed", "preference.product"),
        "quiet_hours": ("passed", "quiet_hours.none"),
        "throttle": ("passed", "throttle.none"),
        "digest": ("passed", "digest.none"),
    }


def test_what_is_in_the_app_is_a_delivery_that_is_sent_with_its_item(acme):
    bob = member(acme.id)
    message = sent(acme.id, order(bob.id, subject="Hello"))
    (delivery,) = became(message, "in_app")
    assert (delivery.state, delivery.subject, delivery.category) == ("sent", "Hello", "product")
    assert rules(delivery)["result"] == ("sent", "in_app.feed")
    assert Notification.objects.get(message=message).title == "Hello"


def test_the_persons_word_goes_before_the_organizations(acme):
    bob, eve = member(acme.id), member(acme.id, "eve")
    DefaultPreference.objects.create(
        organization_id=acme.id, category="product", channel="email", frequency="off"
    )
    wants(bob, "product", "email", "immediately")
    message = sent(acme.id, order(bob.id, eve.id))
    found = {each.account_id: each for each in became(message)}
    assert rules(found[bob.id])["preferences"] == ("passed", "preference.person")
    assert found[eve.id].state == "suppressed"
    assert rules(found[eve.id])["preferences"] == ("suppressed", "preference.organization")
    assert Notification.objects.filter(message=message).count() == 2


def test_what_is_switched_off_in_the_app_makes_no_item(acme):
    bob = member(acme.id)
    wants(bob, "product", "in_app", "off")
    message = sent(acme.id, order(bob.id))
    (delivery,) = became(message, "in_app")
    assert (delivery.state, delivery.sent_at) == ("suppressed", None)
    assert not Notification.objects.filter(message=message).exists()


def test_security_cannot_be_switched_off(ada, deliver_events):
    with pytest.raises(CategoryMandatory):
        preferences.switch_off(account_id=ada.id, category="security", channel="email", now=now())
    wants(ada, "security", "email", "off")
    say(a_sign_in(ada.id, new_device=True))
    deliver_events()
    mail = Delivery.objects.get(message__kind="auth.new_device", channel="email")
    assert (mail.state, rules(mail)["preferences"]) == ("sent", ("passed", "category.mandatory"))


def test_of_billing_what_must_be_told_is_and_the_rest_can_be_switched_off(
    ada, acme, deliver_events
):
    preferences.switch_off(account_id=ada.id, category="billing", channel="email", now=now())
    say(billing.PaymentFailed(organization_id=acme.id, plan="pro", account_id=ada.id, reason=""))
    say(billing.SubscriptionActivated(organization_id=acme.id, plan="pro", account_id=ada.id))
    deliver_events()
    kinds = Delivery.objects.filter(channel="email", category="billing")
    assert dict(kinds.values_list("message__kind", "state")) == {
        "billing.payment_failed": "sent",
        "billing.subscription_activated": "suppressed",
    }


def test_switching_off_holds_back_what_waits_and_is_repeatable(acme):
    bob = member(acme.id)
    message = sent(acme.id, order(bob.id))
    for _ in range(2):
        preferences.switch_off(account_id=bob.id, category="product", channel="email", now=now())
    (mail,) = became(message)
    assert mail.state == "suppressed"
    assert mail.trace[-1]["rule"] == "preference.person"
    assert Preference.objects.filter(account_id=bob.id).count() == 1


def test_a_muted_thing_is_not_told_of(acme):
    bob, subject = member(acme.id), uuid7()
    Mute.objects.create(account_id=bob.id, subject_id=subject, created_at=now())
    muted = sent(acme.id, order(bob.id, subject_id=subject))
    other = sent(acme.id, order(bob.id, subject_id=uuid7()))
    assert rules(became(muted)[0])["preferences"] == ("suppressed", "mute.person")
    assert became(other)[0].state == "pending"


def test_in_quiet_hours_a_mail_waits_for_their_end_and_the_feed_does_not(acme):
    bob = member(acme.id)
    keeps(bob, quiet_from=time(22), quiet_until=time(7))
    message = sent(acme.id, order(bob.id), at=NIGHT)
    (mail,) = became(message)
    assert (mail.state, mail.due_at) == ("deferred", MORNING)
    assert mail.trace[2]["until"] == MORNING.isoformat()
    assert became(message, "in_app")[0].state == "sent"


def test_what_is_critical_does_not_wait(acme):
    bob = member(acme.id)
    keeps(bob, quiet_from=time(22), quiet_until=time(7))
    message = sent(acme.id, order(bob.id, priority="critical"), at=NIGHT)
    assert became(message)[0].state == "pending"
    assert rules(became(message)[0])["quiet_hours"] == ("passed", "quiet_hours.critical")


def test_every_rule_has_a_category_of_the_products():
    assert {rule.category for rule in RULES} <= set(BUILT_IN)
    secret = [rule for rule in RULES if rule.secret is not None]
    assert all(rule.mandatory or is_mandatory(rule.category) for rule in secret)


@given(
    mandatory=st.booleans(),
    critical=st.booleans(),
    muted=st.booleans(),
    frequency=st.sampled_from(["off", "immediately", "hourly", "daily", "weekly"]),
    channel=st.sampled_from(["in_app", "email", "web_push"]),
    quiet=st.sampled_from([None, Quiet(begins=time(22), until=time(7))]),
)
def test_whatever_is_known_a_decision_says_its_reason(
    *, mandatory, critical, muted, frequency, channel, quiet
):
    verdict = decide(
        subject=Subject(category="files", mandatory=mandatory, critical=critical),
        facts=Facts(channel=channel, frequency=frequency, muted=muted, quiet=quiet),
        fan_out={"step": "fan_out"},
        now=NIGHT,
    )
    held = not mandatory and (muted or frequency == "off")
    assert (verdict.state == "suppressed") == held == bool(verdict.reason)
    assert all(each.get("rule") for each in verdict.trace[1:])
    deferred = verdict.state == "deferred"
    assert deferred == (verdict.due_at > NIGHT)
    assert not (deferred and (critical or channel == "in_app" or quiet is None))
    assert not (verdict.gathered and (mandatory or channel == "in_app" or deferred))
