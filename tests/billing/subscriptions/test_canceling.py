"""Canceling, pausing, and going on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from domains.billing.contract.errors import PaymentDeclined
from domains.billing.contract.subscriptions import (
    NoSubscription,
    ResumptionInvalid,
    SubscriptionStateRefuses,
)
from domains.billing.services.invoicing import ledger, verification
from domains.billing.services.payments import transfers
from domains.billing.services.payments.offline import OfflineProvider
from domains.billing.services.subscriptions import canceling, expiring, resuming
from domains.billing.services.subscriptions.ending import find_live
from kernel.db import transaction
from kernel.errors import Forbidden, PreconditionFailed
from kernel.ids import uuid7
from kernel.permissions import Role
from kernel.preconditions import Precondition
from tests.billing.conftest import NOW, charges, plan_of, put_on, said_by_billing
from tests.billing.subscriptions.conftest import (
    bill,
    invoices_of,
    latest,
    pay,
    state_of,
    summary,
    view_of,
)
from tests.principals import member_of

pytestmark = pytest.mark.django_db(databases="__all__")

HALF = datetime(2026, 3, 17, 0, tzinfo=UTC)
PERIOD_END = datetime(2026, 4, 1, 12, tzinfo=UTC)


@pytest.fixture
def on_pro(owner):
    put_on(owner, "pro", "pm_card_visa")
    return owner


def cancel(principal, *, at_once=False, reason="", now=HALF, **options):
    return canceling.cancel(principal=principal, at_once=at_once, reason=reason, now=now, **options)


def pause(principal, *, resumes_at=None, now=HALF):
    return canceling.pause(principal=principal, resumes_at=resumes_at, now=now)


def resume(principal, *, payment_method=None, now=HALF):
    return resuming.resume(principal=principal, payment_method=payment_method, now=now)


def test_what_is_canceled_stays_in_force_until_what_is_paid_is_over(on_pro):
    view = cancel(on_pro, reason="Done")
    assert (view.plan, view.details.cancel_at) == ("pro", PERIOD_END)
    bill(now=PERIOD_END)
    assert (plan_of(on_pro), charges()) == ("free", 1)
    assert latest(on_pro).cancel_reason == "Done"
    assert said_by_billing()[-1] == "billing.subscription_canceled.v1"


def test_a_cancellation_is_taken_back(on_pro):
    cancel(on_pro)
    assert resume(on_pro).details.cancel_at is None
    bill(now=PERIOD_END)
    assert (plan_of(on_pro), charges()) == ("pro", 2)


def test_canceled_at_once_what_is_left_becomes_credit_and_no_money(on_pro):
    view = cancel(on_pro, at_once=True)
    assert (view.plan, view.details) == ("free", None)
    ended = invoices_of(on_pro)[-1]
    assert (ended.cause, ended.total, ended.to_balance) == ("end", 0, 1450)
    assert charges() == 1


def test_credit_of_what_was_canceled_pays_for_what_is_bought_later(on_pro):
    cancel(on_pro, at_once=True)
    put_on(on_pro, "pro", now=HALF)
    bought = invoices_of(on_pro)[-1]
    assert (bought.total, bought.balance_used, bought.paid) == (2900, 1450, 1450)


def test_who_has_no_plan_can_not_cancel_or_pause_one(owner):
    for do in (cancel, pause, resume):
        with pytest.raises(NoSubscription):
            do(owner)


def test_only_who_may_change_the_plan_may_end_it(owner):
    member = member_of(uuid7(), Role.MEMBER)
    for do in (cancel, pause, resume):
        with pytest.raises(Forbidden):
            do(member)


def test_an_outdated_tag_is_refused(on_pro):
    with pytest.raises(PreconditionFailed):
        cancel(on_pro, expected=Precondition(frozenset({'"outdated"'})))


def test_a_paused_plan_is_out_of_force_and_costs_nothing(on_pro):
    pause(on_pro)
    assert (plan_of(on_pro), state_of(on_pro)) == ("free", "paused")
    assert invoices_of(on_pro)[-1].to_balance == 1450
    bill(now=PERIOD_END + timedelta(days=300))
    assert len(invoices_of(on_pro)) == 2


def test_what_is_resumed_begins_a_period_and_is_paid_less_the_credit(on_pro):
    pause(on_pro)
    later = HALF + timedelta(days=60)
    view = resume(on_pro, now=later)
    assert (view.plan, view.details.state) == ("pro", "active")
    assert view.details.current_period.start == later
    resumed = invoices_of(on_pro)[-1]
    assert (resumed.total, resumed.balance_used, resumed.paid) == (2900, 1450, 1450)


def test_a_resumption_that_is_declined_leaves_it_paused(on_pro):
    pause(on_pro)
    with pytest.raises(PaymentDeclined):
        resume(on_pro, payment_method="pm_card_declined")
    assert (plan_of(on_pro), state_of(on_pro)) == ("free", "paused")


def test_what_resumes_by_itself_is_charged_from_that_instant_on(on_pro):
    later = HALF + timedelta(days=60)
    pause(on_pro, resumes_at=later)
    bill(now=later + timedelta(hours=5))
    assert (plan_of(on_pro), state_of(on_pro)) == ("pro", "active")
    assert view_of(on_pro).details.current_period.start == later
    assert invoices_of(on_pro)[-1].period_start == later


def test_a_pause_ends_later_than_it_begins(on_pro):
    with pytest.raises(ResumptionInvalid):
        pause(on_pro, resumes_at=HALF)


def test_a_paused_plan_can_not_be_paused_and_ends_at_once(on_pro):
    pause(on_pro)
    with pytest.raises(SubscriptionStateRefuses):
        pause(on_pro)
    cancel(on_pro)
    assert view_of(on_pro).details is None


def test_what_ends_while_it_is_paused_charges_no_usage_of_the_pause(owner):
    put_on(owner, "scale", "pm_card_visa")
    started = NOW + timedelta(days=14)
    bill(now=started)
    pause(owner, now=started + timedelta(days=3))
    cancel(owner, now=started + timedelta(days=100))
    assert [each.cause for each in invoices_of(owner)] == ["renewal", "change"]


def test_what_was_never_paid_expires_when_its_payment_was_given_up(owner):
    waiting = put_on(owner, "pro", "pm_card_requires_confirmation").pending_payment
    assert state_of(owner) == "incomplete"
    expiring.expire_due(now=NOW + timedelta(hours=24))
    assert state_of(owner) == "incomplete"  # its payment may still be confirmed
    pay(now=NOW + timedelta(hours=24))
    assert (state_of(owner), latest(owner).state) == (None, "expired")
    OfflineProvider().confirm(reference=waiting.next_action.reference)
    assert (plan_of(owner), charges()) == ("free", 0)


def test_what_is_incomplete_without_any_payment_expires(owner):
    put_on(owner, "pro", "pm_card_requires_confirmation")
    with transaction("billing"):
        live = find_live(organization_id=owner.organization_id)
        live.organization_id = uuid7()  # a payment that was lost with its database
        live.save()
    expiring.expire_due(now=NOW + timedelta(hours=22))
    assert find_live(organization_id=live.organization_id) is not None
    expiring.expire_due(now=NOW + timedelta(hours=23))
    assert find_live(organization_id=live.organization_id) is None


def test_books_say_what_happened(on_pro):
    pause(on_pro)
    resume(on_pro, now=HALF + timedelta(days=60))
    assert summary(on_pro) == [
        ("begin", "paid", 2900),
        ("change", "paid", 0),
        ("change", "paid", 2900),
    ]


HALF_OF_SECOND = datetime(2026, 4, 16, 12, tzinfo=UTC)


@pytest.fixture
def behind(owner):
    """On pro, whose second month could not be paid."""
    put_on(owner, "pro", "pm_card_insufficient_funds_later")
    bill(now=PERIOD_END)
    assert state_of(owner) == "past_due"
    return owner


def credit_of(principal) -> int:
    owner = principal.organization_id
    return ledger.balances(organization_ids=[owner]).get((owner, "EUR"), 0)


def receive(principal, amount):
    transfers.record_transfer(
        organization_id=principal.organization_id,
        invoice_id=invoices_of(principal)[-1].id,
        amount=amount,
        received_at=HALF_OF_SECOND,
        now=HALF_OF_SECOND,
    )


def test_canceled_at_once_what_was_not_paid_is_owed_for_the_used_time_alone(behind):
    cancel(behind, at_once=True, now=HALF_OF_SECOND)
    assert summary(behind) == [("begin", "paid", 2900), ("renewal", "open", 2900)]
    assert (invoices_of(behind)[-1].due, credit_of(behind)) == (1450, 0)
    receive(behind, 1450)
    assert (invoices_of(behind)[-1].state, credit_of(behind)) == ("paid", 0)


def test_canceled_at_once_a_part_payment_pays_the_used_time_first(behind):
    receive(behind, 2000)
    cancel(behind, at_once=True, now=HALF_OF_SECOND)
    assert (invoices_of(behind)[-1].state, credit_of(behind)) == ("paid", 550)


def test_canceled_when_it_began_nothing_is_owed_for_what_was_not_paid(behind):
    cancel(behind, at_once=True, now=PERIOD_END)
    assert (invoices_of(behind)[-1].state, credit_of(behind)) == ("paid", 0)


def test_the_books_agree_after_an_unpaid_plan_was_canceled(behind, books_are_zero):
    receive(behind, 100)
    cancel(behind, at_once=True, now=HALF_OF_SECOND)
    assert books_are_zero()
    assert verification.verify(organization_id=None, now=HALF_OF_SECOND).difference is None
