"""Trials, and plans that staff give away."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domains.billing.contract.subscriptions import NoSubscription, SubscriptionStateRefuses
from domains.billing.services.subscriptions import giving, trials
from domains.billing.services.subscriptions.quoting import Policy
from kernel.ids import uuid7
from tests.billing.conftest import NOW, charges, plan_of, put_on, said_by_billing
from tests.billing.subscriptions.conftest import (
    bill,
    invoices_of,
    latest,
    state_of,
    summary,
    view_of,
)

pytestmark = pytest.mark.django_db(databases="__all__")

TRIAL = timedelta(days=14)


@pytest.fixture
def on_trial(owner):
    put_on(owner, "scale", "pm_card_visa")
    return owner


def test_a_plan_with_a_trial_is_in_force_at_once_and_free(on_trial):
    assert (plan_of(on_trial), state_of(on_trial), charges()) == ("scale", "trialing", 0)
    assert view_of(on_trial).details.trial_end == NOW + TRIAL
    assert "billing.trial_started.v1" in said_by_billing()


def test_the_first_charge_comes_when_the_trial_ends(on_trial):
    bill(now=NOW + TRIAL)
    assert state_of(on_trial) == "active"
    assert summary(on_trial) == [("renewal", "paid", 19900)]
    assert view_of(on_trial).details.current_period.start == NOW + TRIAL


def test_a_trial_without_a_payment_method_ends_and_owes_nothing(owner):
    put_on(owner, "scale")
    bill(now=NOW + TRIAL)
    assert (plan_of(owner), state_of(owner), invoices_of(owner)) == ("free", None, [])
    assert latest(owner).cancel_reason == trials.NOTHING_TO_PAY_WITH


def test_an_organization_tries_once(on_trial):
    put_on(on_trial, "free", policy=Policy.NOW)
    put_on(on_trial, "scale", "pm_card_visa", now=NOW + timedelta(days=1))
    assert (state_of(on_trial), charges()) == ("active", 1)


def test_a_plan_without_a_trial_is_paid_at_once_though_another_is_tried(on_trial):
    put_on(on_trial, "pro", now=NOW + timedelta(days=1))
    assert (plan_of(on_trial), state_of(on_trial), charges()) == ("pro", "active", 1)
    assert summary(on_trial) == [("change", "paid", 2900)]


def test_a_trial_that_was_canceled_is_never_charged(on_trial):
    put_on(on_trial, "free")
    assert plan_of(on_trial) == "scale"
    bill(now=NOW + TRIAL)
    assert (plan_of(on_trial), charges()) == ("free", 0)


def test_the_end_of_a_trial_is_told_once_three_days_before(on_trial):
    assert trials.tell_of_ends(now=NOW + timedelta(days=10)) == 0
    assert trials.tell_of_ends(now=NOW + timedelta(days=11)) == 1
    assert trials.tell_of_ends(now=NOW + timedelta(days=12)) == 0
    assert said_by_billing().count("billing.trial_will_end.v1") == 1


def test_staff_have_a_trial_end_later(on_trial):
    later = NOW + timedelta(days=30)
    trials.extend(organization_id=on_trial.organization_id, until=later, now=NOW)
    bill(now=NOW + TRIAL)
    assert (state_of(on_trial), charges()) == ("trialing", 0)
    bill(now=later)
    assert (state_of(on_trial), charges()) == ("active", 1)


def test_only_a_trial_is_extended(owner):
    until = NOW + timedelta(days=30)
    with pytest.raises(NoSubscription):
        trials.extend(organization_id=owner.organization_id, until=until, now=NOW)
    put_on(owner, "pro", "pm_card_visa")
    with pytest.raises(SubscriptionStateRefuses):
        trials.extend(organization_id=owner.organization_id, until=until, now=NOW)


def give(principal, plan, **options):
    options.setdefault("until", None)
    return giving.give_plan(
        organization_id=principal.organization_id,
        plan=plan,
        account_id=uuid7(),
        reason="A partner",
        now=NOW,
        **options,
    )


def test_a_plan_that_is_given_is_in_force_and_never_charged(owner):
    give(owner, "business")
    bill(now=NOW + timedelta(days=100))
    assert (plan_of(owner), state_of(owner), invoices_of(owner)) == ("business", "active", [])


def test_a_plan_that_is_given_until_a_day_ends_on_it(owner):
    give(owner, "business", until=NOW + timedelta(days=45))
    bill(now=NOW + timedelta(days=44))
    assert plan_of(owner) == "business"
    bill(now=NOW + timedelta(days=45))
    assert (plan_of(owner), invoices_of(owner)) == ("free", [])


def test_what_was_paid_before_a_gift_becomes_credit(owner):
    put_on(owner, "pro", "pm_card_visa")
    give(owner, "business")
    assert invoices_of(owner)[-1].to_balance == 2900
    assert plan_of(owner) == "business"


def test_choosing_another_plan_ends_a_gift_and_is_paid(owner):
    give(owner, "business")
    put_on(owner, "pro", "pm_card_visa", now=NOW + timedelta(days=3))
    assert summary(owner) == [("change", "paid", 2900)]
    assert not view_of(owner).details.comped
