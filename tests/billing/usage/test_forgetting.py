"""What was used is forgotten: of erased organizations, and what was told long ago."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from domains.billing.models import (
    Allocation,
    Consumption,
    Customer,
    Grant,
    Subscription,
    UsageBucket,
    UsageEvent,
)
from domains.billing.services.subscriptions.ending import end_with_organization
from domains.billing.services.usage import forgetting
from domains.billing.tasks import forget_rest_of_erased, purge_old_usage_events
from kernel import clock
from kernel.ids import uuid7
from tests.billing.entitlements.conftest import consume, customer, grant
from tests.billing.usage.conftest import tell, used

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.usefixtures("meters")]

KEPT = (UsageEvent, UsageBucket, Allocation, Consumption, Grant)


def counts(organization_id) -> list[int]:
    return [model.objects.within(organization_id).count() for model in KEPT]


@pytest.fixture
def organization():
    """One that used and held something of everything."""
    mine, now = customer(), clock.now()
    tell(*(used(mine, at=now - timedelta(hours=n)) for n in range(3)), now=now)
    grant(mine, "tokens", 10)
    consume(mine, now=now)
    return mine


@pytest.mark.parametrize("batch", [1, 2, 5_000])
def test_of_an_erased_organization_nothing_is_left(
    organization, deliver_events, monkeypatch, batch
):
    monkeypatch.setattr(forgetting, "AT_ONCE", batch)
    other = uuid7()
    tell(used(other, at=clock.now()), now=clock.now())
    assert counts(organization) == [3, 3, 1, 1, 1]
    end_with_organization(organization_id=organization, now=clock.now())
    deliver_events()
    assert counts(organization) == [0] * 5
    assert counts(other) == [1, 1, 0, 0, 0]


def test_what_a_crash_left_of_it_is_taken_up_by_the_sweep(organization, deliver_events):
    assert forgetting.find_erased() == []
    Customer.objects.within(organization).update(ended_at=clock.now())
    assert forgetting.find_erased() == [organization]
    forget_rest_of_erased(now=clock.now())
    deliver_events()
    assert counts(organization) == [0] * 5
    assert forgetting.find_erased() == []


def told_long_ago(organization_id, *, days: int) -> UsageEvent:
    """An event that was told so many days ago, of just then."""
    at = clock.now() - timedelta(days=days)
    tell(used(organization_id, at=at), now=at)
    row = UsageEvent.objects.within(organization_id).order_by("-id")[0]
    old = UUID(int=(int(at.timestamp() * 1000) << 80) + (uuid7().int & (1 << 80) - 1))
    UsageEvent.objects.within(organization_id).filter(id=row.id).update(id=old)
    return UsageEvent.objects.within(organization_id).get(id=old)


@pytest.mark.parametrize("batch", [1, 5_000])
def test_events_of_long_ago_go_and_their_sums_stay(settings, deliver_events, monkeypatch, batch):
    monkeypatch.setattr(forgetting, "AT_ONCE", batch)
    settings.USAGE_RETENTION_DAYS = 100
    mine = uuid7()
    for days in (300, 200, 101):
        told_long_ago(mine, days=days)
    kept = [told_long_ago(mine, days=days).id for days in (99, 1)]
    purge_old_usage_events(now=clock.now())
    deliver_events()
    left = UsageEvent.objects.within(mine).order_by("id").values_list("id", flat=True)
    assert list(left) == kept
    assert UsageBucket.objects.within(mine).count() == 5


def test_events_of_a_period_that_is_to_be_invoiced_stay(settings, deliver_events):
    settings.USAGE_RETENTION_DAYS = 100
    mine, now = uuid7(), clock.now()
    begun = now - timedelta(days=200)
    Subscription.objects.create(
        organization_id=mine,
        state="active",
        currency="EUR",
        account_id=uuid7(),
        time_zone="UTC",
        anchor_at=begun,
        interval_unit="year",
        interval_count=1,
        period_start=begun,
        period_end=begun + timedelta(days=365),
        created_at=begun,
    )
    told_long_ago(mine, days=201)
    within = told_long_ago(mine, days=199)
    purge_old_usage_events(now=now)
    deliver_events()
    assert list(UsageEvent.objects.within(mine)) == [within]


def test_what_was_purged_can_not_be_told_again(settings, deliver_events):
    settings.USAGE_RETENTION_DAYS = 35
    mine, now = uuid7(), clock.now()
    event = told_long_ago(mine, days=36)
    purge_old_usage_events(now=now)
    deliver_events()
    again = used(mine, at=event.occurred_at, id=event.event_id)
    assert tell(again, now=now) == ["too_late"]
