"""What is told when eighty and a hundred percent of what may be used are used."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from kernel.models import Outbox
from tests.billing.conftest import NOW
from tests.billing.entitlements.conftest import allow, consume, customer, grant, reserve, settle

pytestmark = pytest.mark.django_db(databases=["billing"])
APRIL = datetime(2026, 4, 1, tzinfo=UTC)


def told() -> list[tuple[int, int, int]]:
    rows = Outbox.objects.using("billing").filter(name="billing.usage_threshold_reached.v1")
    payloads = [row.payload for row in rows.order_by("sequence")]
    return [(said["percent"], said["used"], said["limit"]) for said in payloads]


def test_each_threshold_is_told_of_once_in_a_period():
    organization = customer()
    for amount in (79, 1, 1, 18, 1):
        consume(organization, amount=amount)
    assert told() == [(80, 80, 100), (100, 100, 100)]


def test_of_two_that_are_reached_at_once_the_higher_is_told_of():
    consume(customer(), amount=100)
    assert told() == [(100, 100, 100)]


def test_past_a_soft_limit_nothing_more_is_told():
    organization = customer()
    for _ in range(3):
        consume(organization, "emails", 100)
    assert told() == [(100, 100, 100)]


def test_the_next_period_is_told_of_anew():
    organization = customer()
    consume(organization, amount=100)
    consume(organization, amount=80, now=APRIL)
    assert told() == [(100, 100, 100), (80, 80, 100)]


def test_where_more_is_allowed_than_was_it_is_told_of_anew():
    organization = customer()
    consume(organization, amount=100)
    allow(organization, tokens={"limit": 200, "soft": False})
    consume(organization, amount=50)
    consume(organization, amount=10)
    assert told() == [(100, 100, 100), (80, 160, 200)]


def test_grants_are_a_part_of_the_whole():
    organization = customer()
    grant(organization, "tokens", 100)
    consume(organization, amount=159)
    assert told() == []
    consume(organization)
    consume(organization, amount=40)
    assert told() == [(80, 160, 200), (100, 200, 200)]


def test_what_is_reserved_is_told_of_once_it_is_settled():
    organization = customer()
    reserve(organization, amount=90)
    assert told() == []
    settle(organization)
    settle(organization)
    assert told() == [(80, 90, 100)]


def test_nothing_is_told_of_what_was_refused_or_repeated():
    organization = customer()
    consume(organization, amount=85, key="k")
    consume(organization, amount=85, key="k")
    with pytest.raises(Exception, match="doesn't allow"):
        consume(organization, amount=16)
    assert told() == [(80, 85, 100)]


def test_nothing_is_told_where_there_is_no_limit():
    consume(customer(), "exports", 10**9, now=NOW)
    assert told() == []
