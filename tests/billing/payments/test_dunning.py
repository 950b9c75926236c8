"""Invoices that were not paid at the first go."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domains.billing.models import Customer, Dunning, Invoice, PaymentIntent, Subscription
from domains.billing.services.payments import dunning_steps, methods, own_methods, transfers
from tests.billing.conftest import NOW, at_once, charges, plan_of, put_on
from tests.billing.payments.conftest import (
    attach,
    carry_out_due,
    collect,
    owed_by,
    said,
)

pytestmark = pytest.mark.django_db(databases="__all__")

FAILED = "billing.invoice_payment_failed.v1"
REMINDED = "billing.payment_reminded.v1"
ENDED = "billing.dunning_ended.v1"
DAY = timedelta(days=1)


def subscribed(owner, card):
    """Have the owner on pro, paid with the card; return the subscription."""
    put_on(owner, "pro", card)
    return Subscription.objects.within(owner.organization_id).get()


def renewed(owner, card):
    """Return an invoice of the next period that the card was to pay, and what came of that."""
    subscription = subscribed(owner, card)
    invoice = owed_by(owner.organization_id, subscription=subscription)
    collect(invoice)
    carry_out_due()
    return invoice


def chase_of(invoice):
    return Dunning.objects.within(invoice.organization_id).get(invoice=invoice)


def state_of(owner):
    return Subscription.objects.within(owner.organization_id).get().state


def step(owner, now):
    """Do what the sweep of dunning and then that of payments do."""
    if owner.organization_id in dunning_steps.find_due(now=now):
        dunning_steps.advance(organization_id=owner.organization_id, now=now)
    carry_out_due(now)


def test_a_soft_decline_is_tried_again_after_one_three_five_and_seven_days(owner):
    invoice = renewed(owner, "pm_card_insufficient_funds_later")
    due = []
    while (chase := chase_of(invoice)).ended_at is None:
        due.append((chase.next_at - NOW) / DAY)
        step(owner, chase.next_at)
    assert due == [1, 3, 5, 7, 10]
    attempts = PaymentIntent.objects.within(owner.organization_id).filter(invoice=invoice)
    assert attempts.count() == 5
    assert [fact["step"] for fact in said(FAILED)] == [0, 1, 2, 3, 4]


def test_the_plan_stays_in_force_until_the_end_and_then_is_canceled(owner):
    invoice = renewed(owner, "pm_card_insufficient_funds_later")
    assert (state_of(owner), plan_of(owner)) == ("past_due", "pro")
    while (chase := chase_of(invoice)).ended_at is None:
        assert plan_of(owner) == "pro"
        step(owner, chase.next_at)
    assert (state_of(owner), plan_of(owner)) == ("canceled", "free")
    assert chase_of(invoice).outcome == "exhausted"
    assert [fact["policy"] for fact in said(ENDED)] == ["cancel"]


@pytest.mark.parametrize(
    ("policy", "state"), [("cancel", "canceled"), ("unpaid", "unpaid"), ("downgrade", "canceled")]
)
def test_what_follows_the_end_is_a_matter_of_policy(owner, settings, policy, state):
    settings.DUNNING_END = policy
    invoice = renewed(owner, "pm_card_insufficient_funds_later")
    while (chase := chase_of(invoice)).ended_at is None:
        step(owner, chase.next_at)
    assert (state_of(owner), plan_of(owner)) == (state, "free")


def test_a_hard_decline_is_not_tried_again_with_the_same_method(owner):
    invoice = renewed(owner, "pm_card_stolen_later")
    assert chase_of(invoice).is_hard
    while (chase := chase_of(invoice)).ended_at is None:
        step(owner, chase.next_at)
    attempts = PaymentIntent.objects.within(owner.organization_id).filter(invoice=invoice)
    assert attempts.count() == 1
    assert [fact["is_hard"] for fact in said(FAILED)] == [True]
    assert [fact["step"] for fact in said(REMINDED)] == [1, 2, 3, 4]


@pytest.mark.parametrize("card", ["pm_card_insufficient_funds_later", "pm_card_stolen_later"])
def test_another_default_method_is_tried_at_once_and_is_no_step(owner, card):
    invoice = renewed(owner, card)
    other = attach(owner.organization_id, "pm_card_visa")
    later = NOW + timedelta(hours=1)
    own_methods.choose_default(principal=owner, method_id=other.id, now=later)
    step(owner, later)
    invoice.refresh_from_db()
    chase = chase_of(invoice)
    assert (invoice.state, chase.outcome, chase.step) == ("paid", "paid", 0)
    assert state_of(owner) == "active"


def test_another_method_that_fails_too_leaves_the_schedule_as_it_was(owner):
    invoice = renewed(owner, "pm_card_insufficient_funds_later")
    other = attach(owner.organization_id, "pm_card_stolen_later")
    later = NOW + timedelta(hours=1)
    own_methods.choose_default(principal=owner, method_id=other.id, now=later)
    step(owner, later)
    chase = chase_of(invoice)
    assert (chase.step, chase.next_at, chase.is_hard) == (0, NOW + DAY, True)


def test_what_was_given_up_is_tried_again_where_the_subscription_waits_for_it(owner, settings):
    settings.DUNNING_END = "unpaid"
    invoice = renewed(owner, "pm_card_insufficient_funds_later")
    while (chase := chase_of(invoice)).ended_at is None:
        step(owner, chase.next_at)
    other = attach(owner.organization_id, "pm_card_visa")
    later = NOW + 20 * DAY
    own_methods.choose_default(principal=owner, method_id=other.id, now=later)
    step(owner, later)
    assert Invoice.objects.within(owner.organization_id).get(id=invoice.id).state == "paid"
    assert (state_of(owner), plan_of(owner)) == ("active", "pro")


def test_one_paid_invoice_has_the_next_tried_at_once(owner):
    subscription = subscribed(owner, "pm_card_visa")
    invoices = [owed_by(owner.organization_id, subscription=subscription) for _ in range(3)]
    collect(*invoices)
    carry_out_due()
    for _ in invoices:
        step(owner, NOW)
    paid = Invoice.objects.within(owner.organization_id).filter(id__in=[i.id for i in invoices])
    assert {invoice.state for invoice in paid} == {"paid"}


def test_without_a_method_it_is_told_and_past_due_from_the_first_day(owner):
    subscription = subscribed(owner, "pm_card_visa")
    method = methods.find(organization_id=owner.organization_id, reference="pm_card_visa")
    methods.forget(method, now=NOW)
    collect(owed_by(owner.organization_id, subscription=subscription))
    step(owner, NOW)
    assert [fact["reason"] for fact in said(FAILED)] == ["payment_method_missing"]
    assert (state_of(owner), plan_of(owner)) == ("past_due", "pro")


def test_a_bank_that_wants_the_customer_says_so_by_an_event_of_its_own(owner):
    put_on(owner, "pro", "pm_card_visa")
    other = attach(owner.organization_id, "pm_card_requires_confirmation")
    own_methods.choose_default(principal=owner, method_id=other.id, now=NOW)
    collect(owed_by(owner.organization_id))
    carry_out_due()
    assert len(said("billing.payment_action_required.v1")) == 1
    assert said(FAILED) == []


def test_a_transfer_that_comes_late_ends_the_chase(owner):
    invoice = renewed(owner, "pm_card_insufficient_funds_later")
    transfers.record_transfer(
        organization_id=owner.organization_id,
        invoice_id=invoice.id,
        amount=2900,
        received_at=NOW + DAY,
        now=NOW + 2 * DAY,
    )
    assert chase_of(invoice).outcome == "paid"
    assert state_of(owner) == "active"


def test_an_invoice_that_was_settled_otherwise_is_chased_no_more(owner):
    invoice = renewed(owner, "pm_card_insufficient_funds_later")
    Invoice.objects.within(owner.organization_id).filter(id=invoice.id).update(state="void")
    step(owner, NOW + DAY)
    assert chase_of(invoice).outcome == "settled"


def test_an_overdue_transfer_is_told_once_the_invoice_is_due(organization_id, settings):
    settings.PAYMENT_PROVIDER = "manual"
    due_at = NOW + 14 * DAY
    invoice = owed_by(organization_id, due_at=due_at)
    collect(invoice)
    assert dunning_steps.find_due(now=due_at - DAY) == []
    dunning_steps.advance(organization_id=organization_id, now=due_at)
    assert [fact["reason"] for fact in said(FAILED)] == ["overdue"]
    dunning_steps.advance(organization_id=organization_id, now=due_at + DAY)
    assert [fact["step"] for fact in said(REMINDED)] == [1]


@pytest.mark.django_db(databases="__all__", transaction=True)
def test_a_step_taken_by_many_at_once_is_one_step(owner):
    invoice = renewed(owner, "pm_card_insufficient_funds_later")
    at_once(
        6,
        lambda _: dunning_steps.advance(organization_id=owner.organization_id, now=NOW + DAY),
    )
    carry_out_due(NOW + DAY)
    attempts = PaymentIntent.objects.within(owner.organization_id).filter(invoice=invoice)
    assert (chase_of(invoice).step, attempts.count()) == (1, 2)
    assert charges() == 1
    assert Customer.objects.within(owner.organization_id).count() == 1
