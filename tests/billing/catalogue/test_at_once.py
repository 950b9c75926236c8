"""Two and more at once, on connections of their own."""

from __future__ import annotations

from collections import Counter

import pytest

from domains.billing.contract.catalogue import CouponUsedUp
from domains.billing.models import CatalogueRelease, Coupon, CouponRedemption, Price
from domains.billing.services import catalogue
from domains.billing.services.catalogue import coupons
from domains.billing.services.catalogue.publication import publish
from kernel.ids import uuid7
from tests.billing.catalogue.documents import plan, price, written
from tests.billing.conftest import NOW, at_once
from tests.billing.invoicing.processes import in_processes

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def redeem(organization_id):
    return coupons.redeem(
        code="QUARTER", organization_id=organization_id, currency="EUR", products=["pro"], now=NOW
    )


def test_twenty_at_once_take_no_more_than_there_are(coupon):
    coupon(max_redemptions=7)
    results = at_once(20, lambda _: redeem(uuid7()))
    refused = [result for result in results if isinstance(result, Exception)]
    assert {type(error) for error in refused} == {CouponUsedUp}
    assert len(refused) == 13
    assert (Coupon.objects.get().redeemed, CouponRedemption.objects.everywhere().count()) == (7, 7)


def test_twenty_in_processes_take_no_more_than_there_are(coupon):
    coupon(max_redemptions=7)
    everybody = [str(uuid7()) for _ in range(20)]
    results = in_processes("tests.billing.invoicing.processes:redeem", everybody)
    assert Counter(results) == {"redeemed": 7, "used up": 13}
    assert (Coupon.objects.get().redeemed, CouponRedemption.objects.everywhere().count()) == (7, 7)


def test_one_that_asks_twenty_times_at_once_redeems_once(coupon):
    coupon()
    mine = uuid7()
    results = at_once(20, lambda _: redeem(mine))
    assert len([result for result in results if not isinstance(result, Exception)]) == 1
    assert Coupon.objects.get().redeemed == 1


def test_the_first_need_of_many_publishes_once():
    assert not CatalogueRelease.objects.exists()
    found = at_once(8, lambda _: [plan.name for plan in catalogue.get_plans()])
    assert found == [["free", "pro", "business", "scale"]] * 8
    assert [release.number for release in CatalogueRelease.objects.all()] == [1]


def test_of_two_that_publish_at_once_the_second_sees_the_first():
    texts = [written(plan(), plan("pro", price("p", amount=amount))) for amount in (100, 200, 300)]
    publish(text=texts[0], now=NOW)
    results = at_once(4, lambda n: publish(text=texts[1 + n % 2], now=NOW))
    assert [result for result in results if isinstance(result, Exception)] == []
    versions = Price.objects.filter(name="p").order_by("version")
    assert [row.version for row in versions] == list(range(1, len(versions) + 1))
    assert [row.version for row in versions if row.archived_at is None] == [len(versions)]
    releases = CatalogueRelease.objects.order_by("number")
    assert [release.number for release in releases] == list(range(1, len(releases) + 1))
