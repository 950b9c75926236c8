"""What the business comes to: revenue a month, churn, and what is open."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from domains.billing.models import Consumption, Invoice, Subscription
from domains.billing.services import figures
from domains.billing.services.arithmetic import Interval, IntervalUnit
from domains.billing.services.figures import Churn, OpenAmount, Revenue
from domains.billing.services.subscriptions import giving
from domains.billing.services.subscriptions.quoting import Policy
from kernel.ids import uuid7
from tests.billing.conftest import NOW, put_on
from tests.billing.invoicing import making
from tests.billing.payments.conftest import owed_by
from tests.billing.subscriptions.conftest import bill
from tests.principals import member_of

pytestmark = pytest.mark.django_db(databases="__all__")

CARD = "pm_card_visa"
YEAR = Interval(unit=IntervalUnit.YEAR)
LATER = NOW + timedelta(days=40)


def customer(plan="pro", **options):
    principal = member_of(uuid7())
    put_on(principal, plan, CARD, **options)
    return principal


def revenue():
    return [
        (row.currency, row.customers, row.monthly) for row in figures.monthly_recurring_revenue()
    ]


@pytest.mark.parametrize(
    ("unit", "count", "months"),
    [
        ("month", 1, Fraction(1)),
        ("month", 3, Fraction(3)),
        ("year", 2, Fraction(24)),
        ("day", 1, Fraction(32, 1000)),
        ("week", 2, Fraction(46, 100)),
    ],
)
def test_an_interval_counts_for_its_share_of_a_month(unit, count, months):
    interval = Interval(unit=IntervalUnit(unit), count=count)
    a_month = figures.a_month(Fraction(120), interval)
    assert abs(a_month - 120 / months) <= 120 / months / 30


@given(st.sampled_from(list(IntervalUnit)), st.integers(1, 24), st.integers(0, 10**9))
def test_n_intervals_count_an_nth_of_one(unit, count, amount):
    one = figures.a_month(Fraction(amount), Interval(unit=unit))
    assert figures.a_month(Fraction(amount), Interval(unit=unit, count=count)) * count == one


def test_a_year_is_twelve_months_and_four_centuries_are_146097_days():
    day = figures.a_month(Fraction(1), Interval(unit=IntervalUnit.DAY))
    assert day * 12 * 400 == 146_097
    assert figures.a_month(Fraction(7), Interval(unit=IntervalUnit.WEEK)) == day


def test_nobody_pays_nothing():
    assert figures.monthly_recurring_revenue() == []
    assert figures.churn(now=NOW) == figures.open_amounts(now=NOW) == []


def test_years_count_a_twelfth_and_currencies_stay_apart():
    customer()
    customer("business", interval=YEAR)
    customer(currency="USD")
    assert figures.monthly_recurring_revenue() == [
        Revenue(currency="EUR", customers=2, monthly=2900 + 8250),
        Revenue(currency="USD", customers=1, monthly=3100),
    ]


def test_rounding_happens_once_for_all():
    for _ in range(3):  # 29000 / 12 is 2416.67
        customer(interval=YEAR)
    assert revenue() == [("EUR", 3, 7250)]


def test_seats_count_at_their_price_and_usage_does_not():
    principal = member_of(uuid7())
    Consumption.objects.create(
        organization_id=principal.organization_id,
        feature="seats",
        period_start=NOW,
        used=25,
    )
    put_on(principal, "scale", CARD)
    assert revenue() == []  # on trial
    bill(now=NOW + timedelta(days=14))
    assert revenue() == [("EUR", 1, 19900 + 15 * 900)]


def test_gifts_and_what_is_paused_or_unpaid_do_not_count():
    for states in (["paused"], ["past_due", "unpaid"], ["past_due"]):
        one = customer()
        for state in states:
            Subscription.objects.within(one.organization_id).update(state=state)
    giving.give_plan(
        organization_id=uuid7(),
        plan="business",
        account_id=uuid7(),
        until=None,
        reason="A partner",
        now=NOW,
    )
    assert revenue() == [("EUR", 1, 2900)]


def churned():
    return figures.churn(now=LATER)


def test_who_left_in_the_last_thirty_days_is_lost_with_what_they_paid():
    customer()
    leaving = customer("business")
    put_on(leaving, "free", policy=Policy.NOW, now=NOW + timedelta(days=20))
    customer(now=NOW + timedelta(days=20))  # came since
    assert churned() == [
        Churn(currency="EUR", customers=2, lost_customers=1, monthly=2900 + 9900, lost_monthly=9900)
    ]


def test_who_left_before_is_not_lost_again():
    put_on(customer(), "free", policy=Policy.NOW, now=NOW + timedelta(days=5))
    assert churned() == []


def test_who_came_back_is_not_lost():
    one = customer()
    put_on(one, "free", policy=Policy.NOW, now=NOW + timedelta(days=20))
    put_on(one, "pro", CARD, now=NOW + timedelta(days=25))
    assert [(row.customers, row.lost_customers) for row in churned()] == [(1, 0)]


def test_another_plan_is_no_loss():
    one = customer("business")
    put_on(one, "pro", policy=Policy.NOW, now=NOW + timedelta(days=20))
    assert [(row.lost_customers, row.monthly, row.lost_monthly) for row in churned()] == [
        (0, 9900, 0)
    ]


def test_who_was_put_on_a_gift_pays_no_more():
    one = customer()
    giving.give_plan(
        organization_id=one.organization_id,
        plan="business",
        account_id=uuid7(),
        until=None,
        reason="A partner",
        now=NOW + timedelta(days=20),
    )
    assert [(row.customers, row.lost_customers) for row in churned()] == [(1, 1)]


def test_a_trial_that_ended_without_a_payment_is_no_loss():
    principal = member_of(uuid7())
    put_on(principal, "scale", CARD, now=NOW + timedelta(days=5))
    put_on(principal, "free", policy=Policy.NOW, now=NOW + timedelta(days=12))
    assert churned() == []


@pytest.mark.parametrize(("behind", "expected"), [(5, []), (20, [(1, 1)])])
def test_an_unpaid_one_is_lost_from_when_it_fell_behind(behind, expected):
    one = customer()
    rows = Subscription.objects.within(one.organization_id)
    rows.update(state="past_due", past_due_since=NOW + timedelta(days=behind))
    rows.update(state="unpaid")
    assert [(row.customers, row.lost_customers) for row in churned()] == expected


@pytest.mark.parametrize(("since", "expected"), [(5, []), (20, [(1, 0)])])
def test_a_pause_is_no_loss(since, expected):
    one = customer()
    rows = Subscription.objects.within(one.organization_id)
    rows.update(state="paused", paused_at=NOW + timedelta(days=since))
    assert [(row.customers, row.lost_customers) for row in churned()] == expected


def test_what_is_due_of_open_invoices_is_added_up_by_currency():
    who = uuid7()
    owed_by(who, total=1000, due_at=NOW - timedelta(seconds=1))
    owed_by(who, total=300, due_at=NOW)
    part = owed_by(uuid7(), total=500, due_at=NOW - timedelta(days=3))
    Invoice.objects.within(part.organization_id).update(paid=200, credited=100)
    owed_by(uuid7(), total=7)  # due some day
    for state in ("paid", "void", "uncollectible"):
        one = owed_by(uuid7(), due_at=NOW - timedelta(days=3))
        Invoice.objects.within(one.organization_id).update(state=state, paid=2900)
    making.invoice_of(making.customer().organization_id, 50, currency="USD", rate="0")
    assert figures.open_amounts(now=NOW) == [
        OpenAmount(currency="EUR", invoices=4, amount=1507, overdue_invoices=2, overdue=1200),
        OpenAmount(currency="USD", invoices=1, amount=50, overdue_invoices=0, overdue=0),
    ]


def test_it_takes_as_many_queries_however_many_subscribe():
    def queries():
        with CaptureQueriesContext(connections["billing"]) as captured:
            figures.monthly_recurring_revenue()
            figures.churn(now=LATER)
            figures.open_amounts(now=LATER)
        return len(captured)

    customer()
    queries()
    few = queries()
    for _ in range(3):
        customer("business")
    queries()  # prices are remembered once they were read
    assert queries() == few == 4
