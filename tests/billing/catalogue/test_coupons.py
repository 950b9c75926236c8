"""Coupons: who may redeem them, what they take off, and for how long."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from domains.billing.contract.catalogue import (
    CouponExpired,
    CouponNotForYou,
    CouponUnknown,
    CouponUsedUp,
)
from domains.billing.models import Coupon, CouponRedemption
from domains.billing.services.arithmetic import AmountOff, PercentOff
from domains.billing.services.catalogue import coupons
from kernel.ids import uuid7
from tests.billing.conftest import NOW

pytestmark = pytest.mark.django_db(databases="__all__")


def redeem(code="QUARTER", organization_id=None, **other):
    bought = {"currency": "EUR", "products": ["pro"], "now": NOW}
    return coupons.redeem(
        code=code, organization_id=organization_id or uuid7(), **{**bought, **other}
    )


def active(organization_id, now=NOW):
    found = coupons.active_discounts(organization_ids=[organization_id], now=now)
    return found.get(organization_id, [])


@pytest.mark.parametrize("code", ["QUARTER", "quarter", " Quarter\n"])
def test_a_code_is_taken_however_it_is_written(coupon, code):
    coupon()
    assert redeem(code).coupon("EUR") == PercentOff(rate=Decimal("0.25"))


def test_an_amount_is_taken_off_in_its_currency_alone(coupon):
    coupon(amounts={"EUR": 500, "USD": 600})
    discount = redeem(currency="USD")
    assert discount.coupon("USD") == AmountOff(amount=600)
    assert discount.coupon("JPY") is None
    with pytest.raises(CouponNotForYou):
        redeem(currency="JPY")


def test_a_coupon_for_some_products_is_refused_for_others(coupon):
    coupon(products=["business", "scale"])
    assert redeem(products=["extra-storage", "scale"]).products == {"business", "scale"}
    with pytest.raises(CouponNotForYou):
        redeem(products=["pro"])


def test_nobody_redeems_what_there_is_not():
    with pytest.raises(CouponUnknown) as caught:
        redeem("NOTHING")
    assert caught.value.pointer == "/coupon"


@pytest.mark.parametrize("over", ["expires_at", "archived_at"])
def test_a_coupon_that_is_over_is_not_taken(coupon, over):
    coupon(**{over: NOW})
    with pytest.raises(CouponExpired):
        redeem()


def test_a_coupon_is_taken_until_the_instant_it_expires(coupon):
    coupon(expires_at=NOW + timedelta(microseconds=1))
    assert redeem().code == "QUARTER"


def test_an_organization_redeems_a_coupon_once(coupon):
    coupon()
    redeem(organization_id=(mine := uuid7()))
    with pytest.raises(CouponNotForYou):
        redeem(organization_id=mine)
    assert Coupon.objects.get().redeemed == 1


def test_a_limited_coupon_is_taken_so_often_and_no_more(coupon):
    coupon(max_redemptions=2)
    redeem(), redeem()
    with pytest.raises(CouponUsedUp):
        redeem()
    assert CouponRedemption.objects.everywhere().count() == 2


def test_looking_a_code_up_takes_nothing_and_refuses_what_redeeming_would(coupon):
    coupon(max_redemptions=1)
    asked = {"code": "quarter", "organization_id": uuid7(), "currency": "EUR", "products": []}
    seen = coupons.look_up(**asked, now=NOW)
    assert Coupon.objects.get().redeemed == 0
    taken = coupons.redeem(**asked, redemption_id=seen.redemption_id, now=NOW)
    assert taken == seen
    with pytest.raises(CouponUsedUp):
        coupons.look_up(**{**asked, "organization_id": uuid7()}, now=NOW)


@pytest.mark.parametrize(
    ("duration", "invoices"),
    [({"duration": "once"}, 1), ({"duration": "repeating", "periods": 3}, 3)],
    ids=["once", "repeating"],
)
def test_a_discount_ends_after_so_many_invoices(coupon, duration, invoices):
    coupon(**duration)
    discount = redeem(organization_id=(mine := uuid7()))
    for _ in range(invoices):
        assert active(mine) == [discount]
        coupons.count_used(redemption_ids=[discount.redemption_id], now=NOW)
    assert active(mine) == []


def test_a_discount_forever_never_ends(coupon):
    coupon(duration="forever")
    discount = redeem(organization_id=(mine := uuid7()))
    for _ in range(5):
        coupons.count_used(redemption_ids=[discount.redemption_id], now=NOW)
    assert active(mine) == [discount]


def test_what_was_redeemed_outlives_the_coupon(coupon):
    row = coupon(duration="forever", expires_at=NOW + timedelta(days=1))
    redeem(organization_id=(mine := uuid7()))
    Coupon.objects.filter(id=row.id).update(archived_at=NOW)
    assert len(active(mine, now=NOW + timedelta(days=400))) == 1


def test_the_first_redeemed_is_taken_off_first_and_nobody_elses(coupon):
    for code in ("FIRST", "SECOND"):
        coupon(code, duration="forever")
    mine = uuid7()
    redeem("SECOND", mine, now=NOW + timedelta(hours=1))
    redeem("FIRST", mine)
    redeem("FIRST", theirs := uuid7())
    found = coupons.active_discounts(
        organization_ids=[mine, theirs, uuid7()], now=NOW + timedelta(days=1)
    )
    assert {org: [d.code for d in discounts] for org, discounts in found.items()} == {
        mine: ["FIRST", "SECOND"],
        theirs: ["FIRST"],
    }
    assert [d.code for d in active(mine)] == ["FIRST"]


def test_a_redemption_for_nothing_is_given_back_once(coupon):
    coupon(max_redemptions=1)
    mine = uuid7()
    discount = redeem(organization_id=mine)
    for _ in range(2):
        coupons.give_back(organization_id=mine, redemption_id=discount.redemption_id)
    assert (Coupon.objects.get().redeemed, active(mine)) == (0, [])
    assert redeem(organization_id=mine).code == "QUARTER"


@pytest.mark.parametrize(
    "wrong",
    [
        {"percent": 0},
        {"percent": 101},
        {"percent": None},
        {"amounts": {"EUR": 1}, "percent": 5},
        {"duration": "repeating"},
        {"periods": 2},
        {"max_redemptions": 1, "redeemed": 2},
    ],
    ids=str,
)
def test_no_row_says_what_no_coupon_is(wrong):
    values = {"code": "X", "title": "X", "percent": 5, "duration": "once", "created_at": NOW}
    with pytest.raises(IntegrityError), transaction.atomic("billing"):
        Coupon.objects.create(**{**values, **wrong})
