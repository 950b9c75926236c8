"""Reading what is sold: the shipped catalogue, prices by interval and currency, and by id."""

from __future__ import annotations

import pytest
from django.db import connections

from domains.billing.contract.catalogue import (
    CurrencyNotOffered,
    IntervalNotOffered,
    ProductUnknown,
)
from domains.billing.contract.errors import PlanUnknown
from domains.billing.models import Price
from domains.billing.services import catalogue
from domains.billing.services.arithmetic import Graduated, Interval, IntervalUnit, Money
from domains.billing.services.catalogue.publication import publish
from kernel.ids import uuid7
from tests.billing.catalogue.documents import plan, price, written
from tests.billing.conftest import NOW

pytestmark = pytest.mark.django_db(databases="__all__")

MONTH = Interval(unit=IntervalUnit.MONTH)
YEAR = Interval(unit=IntervalUnit.YEAR)


def test_the_shipped_catalogue_sells_what_was_agreed():
    allowed = ("seats", "storage_bytes", "requests_per_minute", "audit_retention_days")
    sold = {
        p.name: (*(p.entitlements[name] for name in allowed), p.price)
        for p in catalogue.get_plans()
    }
    assert sold == {
        "free": (3, 100 * 2**20, 1000, 30, Money(amount=0, currency="EUR")),
        "pro": (25, 10 * 2**30, 3000, 365, Money(amount=2900, currency="EUR")),
        "business": (250, 100 * 2**30, 10000, 2555, Money(amount=9900, currency="EUR")),
        "scale": (1000, 2**40, 20000, 2555, Money(amount=19900, currency="EUR")),
    }
    assert [p.is_free for p in catalogue.get_plans()] == [True, False, False, False]
    assert [p.trial_days for p in catalogue.get_plans()] == [0, 0, 0, 14]


def test_a_plan_has_a_price_for_each_interval_and_currency():
    pro = catalogue.get_plan("pro")
    assert pro.intervals == [MONTH, YEAR]
    assert pro.base(YEAR).for_one("USD") == Money(amount=31000, currency="USD")
    with pytest.raises(CurrencyNotOffered):
        pro.base().model("JPY")
    with pytest.raises(IntervalNotOffered):
        pro.prices_at(Interval(unit=IntervalUnit.MONTH, count=3))


def test_the_base_comes_first_then_seats_then_usage():
    prices = catalogue.get_plan("scale").prices_at(MONTH)
    assert [p.name for p in prices] == ["scale-monthly", "scale-seats", "scale-api-calls"]
    assert [p.quantity for p in prices] == ["fixed", "seats", "usage"]
    assert (prices[2].meter, prices[2].billing) == ("api-calls", "arrears")
    assert isinstance(prices[2].model("EUR"), Graduated)


def test_a_plan_that_costs_nothing_but_what_is_used_is_not_free():
    counted = price("u", quantity="usage", meter="calls", billing="arrears")
    meters = [{"name": "calls", "title": "Calls", "aggregation": "sum"}]
    payg = plan("payg", price("base", amount=0), counted)
    publish(text=written(plan(), payg, meters=meters), now=NOW)
    assert not catalogue.get_plan("payg").is_free


def test_a_plan_that_is_not_sold_is_unknown():
    for name in ("gold", "extra-storage"):
        with pytest.raises(PlanUnknown) as caught:
            catalogue.get_plan(name)
        assert caught.value.pointer == "/plan"
        assert "free, pro, business, scale" in caught.value.detail


def test_a_product_that_never_was_is_unknown():
    assert catalogue.get_product("extra-storage").kind == "add_on"
    with pytest.raises(ProductUnknown):
        catalogue.get_product("gold")


def test_prices_are_found_by_their_ids_and_what_there_is_not_is_left_out():
    prices = catalogue.get_plan("pro").prices
    found = catalogue.get_prices([*(each.id for each in prices), uuid7()])
    assert found == {each.id: each for each in prices}


def test_a_price_that_is_known_is_not_read_again(django_assert_num_queries):
    row = _published_price()
    first = catalogue.get_prices([row.id])
    with django_assert_num_queries(0, using="billing"):
        assert catalogue.get_prices([row.id]) == first


def test_a_plan_is_read_by_two_queries(django_assert_num_queries):
    catalogue.ensure_published()
    with django_assert_num_queries(2, using="billing"):
        catalogue.get_plan("scale")


def _published_price():
    publish(text=written(plan(), plan("pro", price("p"))), now=NOW)
    return Price.objects.get(name="p")


def test_no_catalogue_is_remembered_beyond_its_rows():
    publish(text=written(plan(), plan("gold", price("gold"))), now=NOW)
    assert catalogue.get_plan("gold").name == "gold"
    with connections["billing"].cursor() as cursor:  # as a flush does
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("TRUNCATE price, product, catalogue_release CASCADE")
    assert [p.name for p in catalogue.get_plans()] == ["free", "pro", "business", "scale"]
