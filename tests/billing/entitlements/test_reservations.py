"""Holding a part of what is allowed until it is used or given back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from domains.billing.contract.entitlements import (
    EntitlementExceeded,
    EntitlementKeyReused,
    ReservationLapsed,
    ReservationNotFound,
    ReservationSettled,
)
from domains.billing.models import Consumption
from domains.billing.services.entitlements import sweeping
from tests.billing.conftest import NOW
from tests.billing.entitlements.conftest import (
    check,
    consume,
    customer,
    grant,
    release,
    reserve,
    settle,
)

pytestmark = pytest.mark.django_db(databases=["billing"])
MINUTE = timedelta(minutes=1)


def test_what_is_reserved_is_not_left_for_others():
    organization = customer()
    held = reserve(organization, amount=70)
    assert (held.reserved, held.used, held.remaining) == (70, 0, 30)
    with pytest.raises(EntitlementExceeded):
        consume(organization, amount=31)
    with pytest.raises(EntitlementExceeded):
        reserve(organization, amount=31, key="other")


def test_what_is_settled_is_used_once():
    organization = customer()
    reserve(organization, amount=70)
    for _ in range(2):
        used = settle(organization)
        assert (used.reserved, used.used, used.remaining) == (0, 70, 30)


def test_what_is_released_is_left_again():
    organization = customer()
    reserve(organization, amount=70)
    for _ in range(2):
        assert release(organization).remaining == 100
    with pytest.raises(ReservationLapsed):
        settle(organization)


def test_the_same_key_holds_once():
    organization = customer()
    reserve(organization, amount=60)
    assert reserve(organization, amount=60).reserved == 60
    with pytest.raises(EntitlementKeyReused):
        reserve(organization, amount=61)
    with pytest.raises(EntitlementKeyReused):
        consume(organization, amount=60, key="key")


def test_a_reservation_that_is_asked_for_again_expires_when_was_said_last():
    organization = customer()
    for minutes in (1, 3):
        reserve(organization, amount=60, expires_at=NOW + minutes * MINUTE)
    assert settle(organization, now=NOW + 2 * MINUTE).used == 60


def test_what_has_expired_is_free_at_once():
    organization = customer()
    reserve(organization, amount=70, expires_at=NOW + MINUTE)
    assert check(organization, now=NOW + MINUTE - timedelta(seconds=1)).remaining == 30
    assert check(organization, now=NOW + MINUTE).remaining == 100
    assert consume(organization, amount=100, now=NOW + MINUTE).used == 100
    with pytest.raises(ReservationLapsed):
        settle(organization, now=NOW + MINUTE)


def test_a_key_whose_reservation_expired_may_hold_again():
    organization = customer()
    reserve(organization, amount=70, expires_at=NOW + MINUTE)
    again = reserve(organization, amount=80, now=NOW + MINUTE)
    assert again.reserved == 80


def test_the_sweep_gives_back_what_has_expired():
    organization = customer()
    reserve(organization, amount=70, expires_at=NOW + MINUTE)
    reserve(organization, amount=20, key="for longer", expires_at=NOW + 2 * MINUTE)
    assert sweeping.lapse_reservations(now=NOW + MINUTE) == 1
    assert Consumption.objects.get().reserved == 20
    assert sweeping.lapse_reservations(now=NOW + MINUTE) == 0


def test_the_sweep_forgets_old_keys_and_keeps_what_is_held():
    organization = customer()
    consume(organization, key="old")
    reserve(organization, "projects", key="held")
    settle(organization, "projects", key="held")
    reserve(organization, key="open")
    assert sweeping.forget_keys(now=NOW + timedelta(days=34)) == 0
    assert sweeping.forget_keys(now=NOW + timedelta(days=36)) == 1
    later = NOW + timedelta(days=36)
    assert consume(organization, key="old", now=later).used == 1
    assert release(organization, "projects", key="held").used == 0


def test_nothing_is_settled_that_was_never_reserved():
    organization = customer()
    with pytest.raises(ReservationNotFound):
        settle(organization)
    assert release(organization).remaining == 100


def test_what_was_used_of_a_metered_feature_is_not_given_back():
    organization = customer()
    reserve(organization, amount=70)
    settle(organization)
    with pytest.raises(ReservationSettled):
        release(organization)


def test_what_is_held_of_a_static_feature_is_given_back():
    organization = customer()
    for key in "abcde":
        reserve(organization, "projects", key=key)
        settle(organization, "projects", key=key)
    with pytest.raises(EntitlementExceeded):
        reserve(organization, "projects", key="f")
    assert release(organization, "projects", key="a").used == 4
    assert reserve(organization, "projects", key="f").reserved == 1


def test_a_reservation_counts_in_the_period_in_which_it_was_made():
    organization = customer()
    march = datetime(2026, 3, 31, 23, 59, tzinfo=UTC)
    april = march + 2 * MINUTE
    consume(organization, amount=60, now=march)
    reserve(organization, amount=40, now=march)
    assert consume(organization, amount=100, now=april).used == 100
    assert settle(organization, now=april).used == 100
    assert check(organization, now=march).used == 100
    assert check(organization, now=april).used == 100


def test_what_was_promised_is_kept_though_less_is_allowed_since():
    organization = customer()
    given = grant(organization, "tokens", 50)
    reserve(organization, amount=150)
    given.expires_at = NOW + MINUTE
    given.save()
    assert check(organization, now=NOW + MINUTE).remaining == 0
    assert settle(organization, now=NOW + MINUTE).used == 150
