"""What may stand in a catalogue's file."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.billing.contract.catalogue import CatalogueInvalid
from domains.billing.services.catalogue import source
from tests.billing.catalogue.documents import ALLOWED, plan, price, written

TIERS = [{"up_to": 5, "unit_amount": 10}, {"up_to": None, "unit_amount": "7.5"}]
METERS = [{"name": "calls", "title": "Calls", "aggregation": "sum"}]
MODELS = [
    {"model": "flat", "amount": 2900},
    {"model": "per_unit", "unit_amount": "0.5", "free_units": 3},
    {"model": "graduated", "tiers": TIERS},
    {"model": "volume", "tiers": TIERS},
    {"model": "package", "size": 100, "amount": 500},
    {"model": "percentage", "rate": "0.029", "flat_amount": 30},
    {"model": "graduated_percentage", "tiers": [{"up_to": None, "rate": "0.01"}]},
]


def usage(name="calls-monthly", **more):
    counted = {"quantity": "usage", "meter": "calls", "billing": "arrears"}
    return price(name, **{**counted, **more})


def test_a_minimal_catalogue_is_taken():
    assert [product.name for product in source.parse(written()).products] == ["free"]


@pytest.mark.parametrize("terms", MODELS, ids=lambda terms: terms["model"])
def test_every_price_model_can_be_written(terms):
    sold = price("pro-monthly", terms={"EUR": terms, "JPY": terms})
    document = source.parse(written(plan(), plan("pro", sold)))
    assert document.plans[1].prices[0].terms["JPY"].model == terms["model"]


@pytest.mark.parametrize("aggregation", ["count", "sum", "max", "last", "unique"])
def test_usage_is_counted_in_every_way_and_charged_afterwards(aggregation):
    meters = [{**METERS[0], "aggregation": aggregation}]
    document = source.parse(written(plan(), plan("pro", price("p"), usage()), meters=meters))
    assert document.plans[1].prices[1].meter == "calls"


def test_a_price_may_be_in_arrears_by_the_quarter_and_the_day():
    sold = price("p", billing="arrears", interval_count=3, resolution="day", tax_inclusive=True)
    assert source.parse(written(plan(), plan("pro", sold))).plans[1].prices[0].interval_count == 3


def allowing(**features):
    return plan("pro", price("p"), entitlements={**ALLOWED, **features})


CARELESS = [
    "",
    "- a",
    "currency: EUR\nplans: []",
    written(plan("pro", price("p"))),
    written(plan("free", price("p", amount=1))),
    written(plan(), plan()),
    written(plan(), plan("pro", price("free-monthly"))),
    written(plan(), plan("pro", price("p"), price("q"))),
    written(plan(), plan("pro", price("p"), usage()), meters=METERS * 2),
    written(plan(), add_ons=[{"name": "free", "title": "A", "prices": [price("p")]}]),
    written(plan(), plan("Pro plan", price("p"))),
    written(plan(), plan("pro", price("p", amount=-1))),
    written(plan(), plan("pro", price("p", amount=29.5))),
    written(plan(), plan("pro", price("p", amount=True))),
    written(plan(), plan("pro", price("p", currency="eur"))),
    written(plan(), plan("pro", price("p", currency="XYZ"))),
    written(plan(), plan("pro", price("p", currency="XAU"))),
    written(plan(), plan("pro", price("p", currency="USD"))),
    written(plan(), plan("pro", price("p", terms={}))),
    written(plan(), plan("pro", price("p", terms={"EUR": {"model": "auction"}}))),
    written(plan(), plan("pro", price("p", interval="fortnight"))),
    written(plan(), plan("pro", price("p", interval_count=0))),
    written(plan(), plan("pro", price("p"), usage())),
    written(plan(), plan("pro", price("p"), usage(meter=None)), meters=METERS),
    written(plan(), plan("pro", price("p"), usage(billing="advance")), meters=METERS),
    written(plan(), plan("pro", price("p"), usage(interval="year")), meters=METERS),
    written(plan(), plan("pro", price("p", meter="calls")), meters=METERS),
    written(plan(), plan("pro", price("p"), trial_days=-1)),
    written(plan(), plan("pro", price("p"), discount=3)),
    written(plan(entitlements={**ALLOWED, "seats": 0})),
    written(plan(entitlements={**ALLOWED, "seats": 2**53})),
    written(plan(entitlements={**ALLOWED, "seats": True})),
    written(plan(entitlements={**ALLOWED, "audit_retention_days": 29})),
    written(plan(entitlements={"seats": 3})),
    written(plan(), allowing(calls={"limit": -1})),
    written(plan(), allowing(calls={"most": 1})),
    written(plan(), allowing(calls="many")),
    written(plan(), allowing(**{"Not a name": True})),
    written(allowing(calls=True), plan(entitlements={**ALLOWED, "calls": 3})),
    written(currency="USD"),
    written() + "currency: EUR\n",
    written() + "? [a, b]\n: c\n",
    written() + "? {a: b}\n: c\n",
    "!!python/object/apply:os.system ['true']",
]


@pytest.mark.parametrize("text", CARELESS, ids=range(len(CARELESS)))
def test_a_careless_catalogue_is_refused(text):
    with pytest.raises(CatalogueInvalid):
        source.parse(text)


def test_what_is_wrong_is_said_with_its_place():
    text = written(plan(), plan("pro", price("p", amount=-1), trial_days="two"))
    with pytest.raises(CatalogueInvalid) as caught:
        source.parse(text)
    assert [line.partition(":")[0] for line in caught.value.detail.splitlines()] == [
        "plans.1.prices.0.terms.EUR.flat.amount",
        "plans.1.trial_days",
    ]


@given(st.text(max_size=200))
def test_no_text_breaks_the_reader(text):
    with suppress(CatalogueInvalid):
        source.parse(text)
