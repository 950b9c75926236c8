"""The billing run: what is due is charged once, whoever runs it and however often."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from domains.billing.contract.errors import PaymentInProgress
from domains.billing.contract.subscriptions import PaymentOverdue
from domains.billing.models import PaymentMethod, Subscription, SubscriptionItem
from domains.billing.services.payments import methods
from domains.billing.services.payments.offline import OfflineProvider
from domains.billing.services.subscriptions import renewal, renewing
from domains.billing.services.subscriptions.quoting import Policy
from kernel.ids import uuid7
from tests.billing.conftest import NOW, at_once, charges, plan_of, put_on, said_by_billing
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

MONTH_LATER = datetime(2026, 4, 1, 12, tzinfo=UTC)
TWO_LATER = datetime(2026, 5, 1, 12, tzinfo=UTC)
FIRST = ("begin", "paid", 2900)
RENEWED = ("renewal", "paid", 2900)


@pytest.fixture
def on_pro(owner):
    put_on(owner, "pro", "pm_card_visa")
    return owner


def test_nothing_is_renewed_before_its_period_is_over(on_pro):
    bill(now=MONTH_LATER - timedelta(seconds=1))
    assert summary(on_pro) == [FIRST]


def test_a_period_that_is_over_is_followed_by_one_that_is_charged(on_pro):
    bill(now=MONTH_LATER)
    assert summary(on_pro) == [FIRST, RENEWED]
    period = view_of(on_pro).details.current_period
    assert (period.start, period.end) == (MONTH_LATER, TWO_LATER)
    assert charges() == 2
    assert said_by_billing()[-1] == "billing.subscription_renewed.v1"


def test_a_period_is_charged_once_however_often_it_is_tried(on_pro):
    for _ in range(3):
        bill(now=MONTH_LATER + timedelta(hours=1))
    assert summary(on_pro) == [FIRST, RENEWED]


def test_periods_that_were_missed_are_made_up_for_one_by_one(on_pro):
    bill(now=datetime(2026, 8, 1, 12, tzinfo=UTC))
    starts = [each.period_start for each in invoices_of(on_pro)]
    assert starts == [datetime(2026, month, 1, 12, tzinfo=UTC) for month in range(3, 9)]
    assert view_of(on_pro).details.current_period.start == datetime(2026, 8, 1, 12, tzinfo=UTC)


def test_a_cheaper_plan_begins_with_the_period_and_is_what_is_charged(owner):
    put_on(owner, "business", "pm_card_visa")
    put_on(owner, "pro")
    assert plan_of(owner) == "business"
    bill(now=MONTH_LATER)
    assert plan_of(owner) == "pro"
    assert summary(owner) == [("begin", "paid", 9900), RENEWED]
    assert view_of(owner).details.scheduled_changes == ()


def test_a_later_wish_supersedes_an_earlier_one(owner):
    put_on(owner, "business", "pm_card_visa")
    put_on(owner, "free")
    view = put_on(owner, "pro")
    assert [each.plan for each in view.details.scheduled_changes] == ["pro"]
    bill(now=MONTH_LATER)
    assert plan_of(owner) == "pro"


def test_asking_for_the_plan_in_force_withdraws_what_was_scheduled(on_pro):
    put_on(on_pro, "free")
    assert put_on(on_pro, "pro").details.scheduled_changes == ()
    bill(now=MONTH_LATER)
    assert (plan_of(on_pro), charges()) == ("pro", 2)


def test_what_was_canceled_ends_with_its_period_and_is_charged_no_more(on_pro):
    put_on(on_pro, "free")
    bill(now=MONTH_LATER)
    assert (plan_of(on_pro), state_of(on_pro)) == ("free", None)
    assert summary(on_pro) == [FIRST]
    assert latest(on_pro).ended_at == MONTH_LATER
    assert not SubscriptionItem.objects.filter(ended_at=None).exists()


def test_a_payment_that_fails_leaves_the_plan_in_force_and_is_told(on_pro, monkeypatch):
    _pay_with(on_pro, "pm_card_insufficient_funds_later")
    bill(now=MONTH_LATER)
    assert (plan_of(on_pro), state_of(on_pro)) == ("pro", "past_due")
    assert summary(on_pro) == [FIRST, ("renewal", "open", 2900)]
    with pytest.raises(PaymentOverdue):
        put_on(on_pro, "business", "pm_card_visa", now=MONTH_LATER)


def test_who_has_nothing_to_pay_with_any_more_is_past_due(on_pro):
    PaymentMethod.objects.within(on_pro.organization_id).update(detached_at=NOW)
    bill(now=MONTH_LATER)
    assert (plan_of(on_pro), state_of(on_pro)) == ("pro", "past_due")


def test_who_is_past_due_is_renewed_all_the_same(on_pro):
    _pay_with(on_pro, "pm_card_insufficient_funds_later")
    bill(now=MONTH_LATER)
    bill(now=TWO_LATER)
    assert [each.period_start for each in invoices_of(on_pro)] == [NOW, MONTH_LATER, TWO_LATER]
    assert state_of(on_pro) == "past_due"


def test_the_payment_of_a_change_comes_before_the_renewal(on_pro):
    at = MONTH_LATER - timedelta(hours=1)
    waiting = put_on(on_pro, "business", "pm_card_requires_confirmation", now=at).pending_payment
    bill(now=MONTH_LATER)
    assert len(invoices_of(on_pro)) == 1
    OfflineProvider().confirm(reference=waiting.next_action.reference)
    pay(now=MONTH_LATER + timedelta(minutes=5))
    bill(now=MONTH_LATER + timedelta(minutes=5))
    assert [(each.cause, each.period_start) for each in invoices_of(on_pro)][1:] == [
        ("change", NOW),
        ("renewal", MONTH_LATER),
    ]
    assert invoices_of(on_pro)[-1].total == 9900


def test_who_waits_to_confirm_beyond_the_period_may_still_wish_for_something_else(on_pro):
    at = MONTH_LATER - timedelta(hours=1)
    put_on(on_pro, "business", "pm_card_requires_confirmation", now=at)
    later = MONTH_LATER + timedelta(hours=1)
    assert put_on(on_pro, "business", "pm_card_requires_confirmation", now=later).pending_payment
    with pytest.raises(PaymentInProgress):  # that of the period which began meanwhile
        put_on(on_pro, "business", "pm_card_visa", now=later)
    pay(now=later)
    assert put_on(on_pro, "business", "pm_card_visa", now=later).plan == "business"
    assert [each.cause for each in invoices_of(on_pro)] == ["begin", "renewal", "change"]


def test_one_that_can_not_be_renewed_keeps_no_other_from_it(on_pro, monkeypatch):
    other = member_of(uuid7())
    put_on(other, "pro", "pm_card_visa")
    broken = latest(on_pro).id
    compute = renewing._renewal

    def fails(row, *args, **options):
        if row.id == broken:
            raise RuntimeError("no price")
        return compute(row, *args, **options)

    monkeypatch.setattr(renewing, "_renewal", fails)
    renewal.renew_due(now=MONTH_LATER)
    assert [each.cause for each in invoices_of(other)] == ["begin", "renewal"]
    assert latest(on_pro).renews_at == MONTH_LATER + timedelta(hours=1)
    monkeypatch.undo()
    bill(now=MONTH_LATER + timedelta(hours=1))
    assert invoices_of(on_pro)[-1].period_start == MONTH_LATER


def test_a_downgrade_at_once_becomes_credit_that_pays_renewals(owner):
    put_on(owner, "business", "pm_card_visa")
    put_on(owner, "pro", policy=Policy.NOW)
    bill(now=MONTH_LATER)
    changed, renewed = invoices_of(owner)[1:]
    assert (changed.total, changed.to_balance) == (0, 7000)
    assert (renewed.total, renewed.balance_used, renewed.due) == (2900, 2900, 0)
    assert charges() == 1


def test_a_batch_renews_many(settings):
    customers = [member_of(uuid7()) for _ in range(5)]
    for customer in customers:
        put_on(customer, "pro", "pm_card_visa")
    assert renewal.renew_due(now=MONTH_LATER) == 5
    assert not Subscription.objects.filter(renews_at__lte=MONTH_LATER).exists()


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_runs_at_once_charge_every_period_once():
    customers = [member_of(uuid7()) for _ in range(6)]
    for customer in customers:
        put_on(customer, "pro", "pm_card_visa")
    renewed = at_once(4, lambda _: renewal.renew_due(now=MONTH_LATER))
    assert sum(renewed) == 6
    assert [len(invoices_of(customer)) for customer in customers] == [2] * 6


def _pay_with(principal, token: str) -> None:
    methods.make_default(
        methods.attach(
            organization_id=principal.organization_id,
            account_id=principal.account_id,
            reference=token,
            now=NOW,
        )
    )
