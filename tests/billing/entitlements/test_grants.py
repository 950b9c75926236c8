"""What is given on top of a plan."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domains.billing.contract.entitlements import EntitlementExceeded, GrantInvalid, GrantNotFound
from domains.billing.models import Consumption, Grant
from domains.billing.services.entitlements import get_entitlements, grants
from kernel import facts
from kernel.ids import uuid7
from tests.billing.conftest import NOW
from tests.billing.entitlements.conftest import check, consume, customer, grant, reserve, settle

pytestmark = pytest.mark.django_db(databases=["billing"])
DAY = timedelta(days=1)


def give(organization_id, feature, amount, **options):
    return grants.give(
        organization_id=organization_id,
        feature=feature,
        amount=amount,
        reason="a gift",
        **{"now": NOW, **options},
    )


def left(*given) -> list[int]:
    rows = Grant.objects.in_bulk([one.id for one in given])
    return [rows[one.id].remaining for one in given]


def test_grants_are_burnt_by_priority_then_expiry_then_creation():
    organization = customer(tokens={"limit": 0, "soft": False})
    last = grant(organization, "tokens", 10, priority=2, expires_at=NOW + DAY)
    never = grant(organization, "tokens", 10, created_at=NOW - DAY, priority=1)
    newer = grant(organization, "tokens", 10, expires_at=NOW + DAY, priority=1)
    older = grant(
        organization, "tokens", 10, expires_at=NOW + DAY, created_at=NOW - DAY, priority=1
    )
    sooner = grant(organization, "tokens", 10, expires_at=NOW + DAY / 2, priority=1)
    order = [sooner, older, newer, never, last]
    burnt = []
    for _ in order:
        consume(organization, amount=10)
        burnt.append(left(*order).count(0))
        assert left(*order) == [0] * burnt[-1] + [10] * (5 - burnt[-1])
    assert burnt == [1, 2, 3, 4, 5]


def test_a_grant_counts_from_when_it_is_effective_until_it_expires():
    organization = customer()
    grant(organization, "tokens", 10, effective_at=NOW + DAY, expires_at=NOW + 2 * DAY)
    granted = [check(organization, now=NOW + n * DAY / 2).granted for n in range(5)]
    assert granted == [0, 0, 10, 10, 0]


@settings(max_examples=40)
@given(
    limit=st.integers(0, 20),
    given_amounts=st.lists(st.integers(1, 10), max_size=4),
    amounts=st.lists(st.integers(1, 12), max_size=8),
)
def test_whatever_is_used_is_taken_once_from_plan_or_grants(limit, given_amounts, amounts):
    organization = customer(tokens={"limit": limit, "soft": False})
    given_ = [grant(organization, "tokens", amount) for amount in given_amounts]
    whole, used = limit + sum(given_amounts), 0
    for amount in amounts:
        if used + amount <= whole:
            assert consume(organization, amount=amount).remaining == whole - used - amount
            used += amount
        else:
            with pytest.raises(EntitlementExceeded):
                consume(organization, amount=amount)
    row = Consumption.objects.within(organization).first() or Consumption()
    burnt = sum(given_amounts) - sum(left(*given_))
    assert (row.used, row.burnt) == (used, burnt)
    assert burnt == max(used - limit, 0)


def test_a_grant_raises_what_is_static_as_long_as_it_lasts():
    organization = customer(projects=1)
    given_ = give(organization, "projects", 2)
    for key in "abc":
        reserve(organization, "projects", key=key)
        settle(organization, "projects", key=key)
    assert left(given_) == [2]
    grants.withdraw(organization_id=organization, grant_id=given_.id, now=NOW + DAY)
    standing = check(organization, "projects", now=NOW + DAY)
    assert (standing.limit, standing.used, standing.remaining) == (1, 3, 0)


def test_a_grant_turns_on_what_the_plan_leaves_off():
    organization = customer()
    assert not check(organization, "branding").allowed
    give(organization, "branding", 1)
    assert check(organization, "branding").allowed


def test_a_granted_feature_that_the_plan_does_not_name_is_used_up():
    organization = customer()
    give(organization, "extras", 2)
    consume(organization, "extras", 2)
    with pytest.raises(EntitlementExceeded):
        consume(organization, "extras")


def test_the_gateway_obeys_a_granted_rate_at_once(django_capture_on_commit_callbacks):
    organization = uuid7()
    key = f"plan-rate:{organization}"
    facts.put(key, "1000", ttl=60)
    with django_capture_on_commit_callbacks(using="billing", execute=True):
        given_ = give(organization, "requests_per_minute", 500)
    assert facts.get(key) == "1500"
    [allowed] = get_entitlements(organization_ids=[organization])
    assert (allowed.requests_per_minute, allowed.seats) == (1500, 3)
    with django_capture_on_commit_callbacks(using="billing", execute=True):
        grants.withdraw(organization_id=organization, grant_id=given_.id, now=NOW)
    assert facts.get(key) == "1000"


def test_what_is_no_grant_is_refused():
    with pytest.raises(GrantInvalid):
        give(uuid7(), "tokens", 0)
    with pytest.raises(GrantInvalid):
        give(uuid7(), "tokens", 1, expires_at=NOW)
    with pytest.raises(GrantNotFound):
        grants.withdraw(organization_id=uuid7(), grant_id=uuid7(), now=NOW)
