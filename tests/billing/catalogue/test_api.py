"""`GET billing/plans`: what is sold, with every price, for anybody."""

from __future__ import annotations

import pytest

from domains.billing.services import catalogue
from domains.billing.services.catalogue.publication import publish
from tests.billing.catalogue.documents import plan, price, written
from tests.billing.conftest import NOW

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def sold(api):
    return api.get("billing/plans").json()


def by_name(things):
    return {thing["name"]: thing for thing in things}


def test_plans_and_add_ons_stand_apart(sold):
    assert [plan["name"] for plan in sold["data"]] == ["free", "pro", "business", "scale"]
    assert [add_on["name"] for add_on in sold["add_ons"]] == ["extra-storage"]
    assert sold["next_cursor"] is None


def test_a_price_is_shown_by_interval_and_currency(sold):
    prices = by_name(by_name(sold["data"])["pro"]["prices"])
    shown = prices["pro-yearly"]
    [known] = [p for p in catalogue.get_plan("pro").prices if p.name == "pro-yearly"]
    assert shown == {
        "id": str(known.id),
        "name": "pro-yearly",
        "title": "Pro",
        "version": 1,
        "interval": "year",
        "interval_count": 1,
        "billing": "advance",
        "quantity": "fixed",
        "meter": None,
        "tax_inclusive": False,
        "terms": {
            "EUR": {"model": "flat", "amount": "29000"},
            "USD": {"model": "flat", "amount": "31000"},
        },
    }


def test_a_price_of_usage_names_its_meter_and_tiers(sold):
    shown = by_name(by_name(sold["data"])["scale"]["prices"])["scale-api-calls"]
    assert (shown["meter"], shown["billing"], shown["quantity"]) == (
        "api-calls",
        "arrears",
        "usage",
    )
    assert shown["terms"]["EUR"]["tiers"][1] == {
        "up_to": "10000000",
        "unit_amount": "0.02",
        "flat_amount": "0",
    }


def test_trials_and_features_of_every_kind_are_shown(sold):
    scale = by_name(sold["data"])["scale"]
    assert scale["trial_days"] == 14
    features = by_name(scale["features"])
    assert [
        (feature["kind"], feature["limit"], feature["soft"])
        for feature in (
            features["priority_support"],
            features["seats"],
            features["api_calls"],
        )
    ] == [("boolean", None, False), ("static", 1000, False), ("metered", 5_000_000, True)]


def test_what_is_not_allowed_is_no_feature(api):
    allowed = {"seats": 3, "storage_bytes": 1, "requests_per_minute": 1, "sso": False}
    publish(text=written(plan(entitlements=allowed)), now=NOW)
    [free] = api.get("billing/plans").json()["data"]
    assert "sso" not in by_name(free["features"])


def test_the_tag_is_another_as_soon_as_something_else_is_sold(api):
    publish(text=written(plan(), plan("pro", price("p", amount=100))), now=NOW)
    tag = api.get("billing/plans")["ETag"]
    assert api.get("billing/plans", If_None_Match=tag).status_code == 304
    publish(text=written(plan(), plan("pro", price("p", amount=200))), now=NOW)
    changed = api.get("billing/plans", If_None_Match=tag)
    assert changed.status_code == 200
    assert changed.json()["data"][1]["price"] == {"amount": 200, "currency": "EUR"}
