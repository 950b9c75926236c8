"""When what happened counts: in its period, or now where that was invoiced meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from domains.billing.models import Subscription
from kernel.ids import uuid7
from tests.billing.usage.conftest import NOW, quantity, tell, used

pytestmark = [pytest.mark.django_db(databases=["billing"]), pytest.mark.usefixtures("meters")]

FEBRUARY, MARCH, APRIL = (datetime(2026, month, 10, 9, 30, tzinfo=UTC) for month in (2, 3, 4))
MINUTE = timedelta(minutes=1)


@pytest.fixture
def subscriber():
    organization_id = uuid7()
    Subscription.objects.create(
        organization_id=organization_id,
        state="active",
        currency="EUR",
        account_id=uuid7(),
        time_zone="UTC",
        anchor_at=FEBRUARY,
        interval_unit="month",
        interval_count=1,
        period_start=MARCH,
        period_end=APRIL,
        renews_at=APRIL,
        created_at=FEBRUARY,
    )
    return organization_id


def counted(organization_id, meter="sum"):
    """Return what counts in the period that was invoiced, and in the present one."""
    return tuple(
        quantity(organization_id, meter, start, end)
        for start, end in ((FEBRUARY, MARCH), (MARCH, APRIL))
    )


def test_what_happened_in_an_invoiced_period_counts_in_the_present_one(subscriber):
    tell(
        used(subscriber, value=1, at=MARCH - MINUTE),
        used(subscriber, value=10, at=MARCH),
        used(subscriber, value=100, at=NOW),
    )
    assert counted(subscriber) == (0, 111)


def test_what_was_told_before_the_period_was_invoiced_stays_in_it(subscriber):
    Subscription.objects.update(period_start=FEBRUARY, period_end=MARCH)
    tell(used(subscriber, value=1, at=MARCH - MINUTE), now=MARCH)
    Subscription.objects.update(period_start=MARCH, period_end=APRIL)
    tell(used(subscriber, value=10, at=MARCH - MINUTE))
    assert counted(subscriber) == (1, 10)


def test_what_happened_before_there_was_a_subscription_is_not_charged_to_it(subscriber):
    tell(used(subscriber, value=5, at=FEBRUARY - MINUTE), now=FEBRUARY + MINUTE)
    assert counted(subscriber) == (0, 0)


def test_a_late_value_is_not_the_last_one_of_the_present_period(subscriber):
    tell(used(subscriber, meter="last", value=7, at=NOW))
    tell(used(subscriber, meter="last", value=3, at=MARCH - MINUTE), now=NOW + MINUTE)
    assert counted(subscriber, "last") == (0, 7)


def test_without_a_subscription_everything_counts_when_it_happened():
    organization = uuid7()
    tell(used(organization, value=4, at=MARCH - MINUTE))
    assert counted(organization) == (4, 0)
