from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.billing.contract import PlanUnknown
from domains.billing.services import catalogue
from domains.billing.services.catalogue import CatalogueInvalid

PLAN = """
  - name: {name}
    title: Title
    price: {{amount: {amount}, currency: {currency}}}
    interval: month
    entitlements: {{seats: 3, storage_bytes: 1, requests_per_minute: 1}}
"""


def written(*plans: str, version: str = "1") -> str:
    return f"version: {version}\nplans:{''.join(plans)}"


def plan(name="free", amount="0", currency="EUR") -> str:
    return PLAN.format(name=name, amount=amount, currency=currency)


def test_the_catalogue_sells_what_was_agreed():
    sold = {
        p.name: (
            p.entitlements.seats,
            p.entitlements.storage_bytes,
            p.entitlements.requests_per_minute,
            p.price.amount,
            p.price.currency,
        )
        for p in catalogue.get_plans()
    }
    assert sold == {
        "free": (3, 100 * 2**20, 1000, 0, "EUR"),
        "pro": (25, 10 * 2**30, 3000, 2900, "EUR"),
        "business": (250, 100 * 2**30, 10000, 9900, "EUR"),
    }


def test_a_plan_that_is_not_sold_is_unknown():
    with pytest.raises(PlanUnknown) as caught:
        catalogue.get_plan("gold")
    assert caught.value.pointer == "/plan"


def test_a_minimal_catalogue_is_taken():
    assert [p.name for p in catalogue.parse(written(plan())).plans] == ["free"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "- a",
        "version: 1\nplans: []",
        written(plan("pro", "100")),
        written(plan(), plan()),
        written(plan(amount="1")),
        written(plan(), plan("pro", "-1")),
        written(plan(), plan("pro", "29.5")),
        written(plan(), plan("pro", "'2900'")),
        written(plan(), plan("pro", "true")),
        written(plan(), plan("pro", "100", "eur")),
        written(plan(), plan("pro", "100", "EURO")),
        written(plan(), plan("Pro plan", "100")),
        written(plan(), version="'1'"),
        written(plan()) + "    seats: 4\n",
        written(plan()) + "    title: Another\n",
        written(plan()).replace("seats: 3", "seats: 0"),
        written(plan()).replace("seats: 3", "seats: 9007199254740992"),
        written(plan()) + "? [a, b]\n: c\n",
        written(plan()) + "? {a: b}\n: c\n",
        "!!python/object/apply:os.system ['true']",
    ],
)
def test_a_careless_catalogue_is_refused(text):
    with pytest.raises(CatalogueInvalid):
        catalogue.parse(text)


@given(st.text(max_size=200))
def test_no_text_breaks_the_reader(text):
    with suppress(CatalogueInvalid):
        catalogue.parse(text)
