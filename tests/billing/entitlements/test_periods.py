"""The periods in which metered features are counted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections
from hypothesis import given, settings
from hypothesis import strategies as st

from domains.billing.models import Customer, Subscription
from domains.billing.services.arithmetic import Alignment, Cycle, Interval, IntervalUnit
from kernel.ids import uuid7
from tests.billing.conftest import NOW
from tests.billing.entitlements.conftest import check, consume, customer

pytestmark = pytest.mark.django_db(databases=["billing"])

ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Auckland"]
# At this hour nobody there changes clocks: what is shown twice is said in `local_time` alone.
START = datetime(2001, 1, 1, 18, 30, tzinfo=UTC)
days = st.integers(0, 365 * 39).map(lambda day: START + timedelta(days=day))
instants = st.integers(0, 365 * 44 * 86_400).map(lambda second: START + timedelta(seconds=second))


def period_of(anchor, zone, unit, at):
    with connections["billing"].cursor() as cursor:
        cursor.execute("SELECT * FROM entitlement_period(%s, %s, %s, %s)", [anchor, zone, unit, at])
        return cursor.fetchone()


@settings(max_examples=200)
@given(
    anchor=st.none() | days,
    zone=st.sampled_from(ZONES),
    unit=st.sampled_from(list(IntervalUnit)),
    at=instants,
)
def test_they_are_those_that_billing_counts(anchor, zone, unit, at):
    cycle = Cycle(
        anchor=anchor or at,
        interval=Interval(unit=unit),
        time_zone=zone,
        alignment=Alignment.ANNIVERSARY if anchor else Alignment.CALENDAR,
    )
    expected = cycle.period_at(at)
    assert period_of(anchor, zone, unit.value, at) == (expected.start, expected.end)


def test_a_zone_that_the_database_does_not_know_is_taken_for_utc():
    assert period_of(None, "Mars/Olympus", "day", NOW) == period_of(None, "UTC", "day", NOW)


def test_a_yearly_plan_is_used_up_by_the_month_from_its_anchor():
    organization = customer()
    anchor = datetime(2026, 1, 31, 9, tzinfo=UTC)
    Subscription.objects.create(
        organization_id=organization,
        state="active",
        currency="EUR",
        account_id=uuid7(),
        time_zone="UTC",
        anchor_at=anchor,
        interval_unit="year",
        interval_count=1,
        period_start=anchor,
        period_end=anchor.replace(year=2027),
        renews_at=anchor.replace(year=2027),
        created_at=anchor,
    )
    used = consume(organization, amount=100, now=NOW)
    assert used.resets_at == datetime(2026, 3, 31, 9, tzinfo=UTC)
    assert check(organization, now=used.resets_at - timedelta(seconds=1)).remaining == 0
    assert check(organization, now=used.resets_at).remaining == 100


def test_without_a_subscription_they_are_the_calendars_in_the_customers_zone():
    organization = customer()
    Customer.objects.within(organization).update(time_zone="America/New_York")
    assert check(organization, "calls").resets_at == datetime(2026, 3, 2, 5, tzinfo=UTC)
    assert check(organization).resets_at == datetime(2026, 4, 1, 4, tzinfo=UTC)
