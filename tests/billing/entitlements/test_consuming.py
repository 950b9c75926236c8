"""Using up what a plan allows, one after the other."""

from __future__ import annotations

import pytest

from domains.billing.contract.entitlements import (
    EntitlementExceeded,
    EntitlementKeyReused,
    FeatureNotCounted,
)
from tests.billing.entitlements.conftest import consume, customer, grant

pytestmark = pytest.mark.django_db(databases=["billing"])


def test_what_is_used_is_counted_until_the_limit():
    organization = customer()
    assert consume(organization, amount=60).remaining == 40
    assert consume(organization, amount=40).remaining == 0
    with pytest.raises(EntitlementExceeded) as refused:
        consume(organization)
    assert refused.value.details == {
        "feature": "tokens",
        "limit": 100,
        "used": 100,
        "remaining": 0,
        "resets_at": "2026-04-01T00:00:00+00:00",
    }


def test_more_than_is_left_is_refused_whole():
    organization = customer()
    consume(organization, amount=60)
    with pytest.raises(EntitlementExceeded):
        consume(organization, amount=41)
    assert consume(organization, amount=1).used == 61


def test_the_same_key_is_the_same_use():
    organization = customer()
    assert [consume(organization, amount=60, key="k").used for _ in range(3)] == [60, 60, 60]
    with pytest.raises(EntitlementKeyReused):
        consume(organization, amount=61, key="k")


def test_a_key_that_was_refused_may_be_used_again():
    organization = customer()
    with pytest.raises(EntitlementExceeded):
        consume(organization, amount=101, key="k")
    assert consume(organization, amount=100, key="k").used == 100


def test_past_a_soft_limit_more_is_allowed_and_counted():
    organization = customer()
    used = consume(organization, "emails", 150)
    assert (used.used, used.remaining, used.allowed, used.soft) == (150, 0, True, True)


def test_without_a_limit_any_amount_is_allowed():
    used = consume(customer(), "exports", 10**12)
    assert (used.used, used.limit, used.remaining, used.allowed) == (10**12, None, None, True)


def test_a_feature_that_is_had_or_not_has_no_amount():
    with pytest.raises(FeatureNotCounted):
        consume(customer(), "sso")


def test_what_the_plan_does_not_name_is_refused():
    with pytest.raises(EntitlementExceeded):
        consume(customer(), "unheard-of")


def test_grants_are_burnt_after_the_plans_own():
    organization = customer()
    given = grant(organization, "tokens", 50)
    consume(organization, amount=100)
    given.refresh_from_db()
    assert given.remaining == 50
    used = consume(organization, amount=30)
    given.refresh_from_db()
    assert (given.remaining, used.granted, used.remaining, used.used) == (20, 20, 20, 130)
    with pytest.raises(EntitlementExceeded):
        consume(organization, amount=21)
