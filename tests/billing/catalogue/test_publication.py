"""Publishing: what is new, what gets its next version, what is archived, what is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domains.billing.contract.catalogue import CatalogueInvalid
from domains.billing.models import CatalogueRelease, Meter, Price, Product
from domains.billing.services import catalogue
from domains.billing.services.arithmetic import Resolution
from domains.billing.services.catalogue import source
from domains.billing.services.catalogue.publication import preview, publish
from tests.billing.catalogue.documents import ALLOWED, plan, price, written
from tests.billing.conftest import NOW

pytestmark = pytest.mark.django_db(databases="__all__")

LATER = NOW + timedelta(days=1)
METER = {"name": "calls", "title": "Calls", "aggregation": "sum"}
CALLS = {"quantity": "usage", "meter": "calls", "billing": "arrears"}


def pro(amount=100, *more, **about):
    return written(plan(), plan("pro", price("pro-monthly", amount=amount), *more), **about)


def said(changes):
    return [str(change) for change in changes]


def fields_of(changes):
    return [str(field) for change in changes for field in change.fields]


def versions(name="pro-monthly"):
    return list(Price.objects.filter(name=name).order_by("version"))


def test_the_first_publication_adds_everything():
    publication = publish(text=pro(), now=NOW)
    assert publication.number == 1
    assert said(publication.changes) == [
        "product free: added",
        "product pro: added",
        "price free-monthly: added",
        "price pro-monthly: added",
    ]
    release = CatalogueRelease.objects.get()
    assert (release.text, release.published_at) == (pro(), NOW)


def test_the_same_again_is_no_publication():
    publish(text=pro(), now=NOW)
    again = publish(text=f"# A word\n{pro()}", now=LATER)
    assert (again.changes, again.number) == ([], None)
    assert CatalogueRelease.objects.count() == 1


def test_the_shipped_catalogue_changes_nothing_after_itself():
    publish(text=source.shipped(), now=NOW)
    assert preview(text=source.shipped()) == []


def test_a_price_that_changes_gets_its_next_version_and_the_earlier_one_stays():
    publish(text=pro(100), now=NOW)
    before = catalogue.get_plan("pro").base()
    publication = publish(text=pro(200), now=LATER)
    assert fields_of(publication.changes) == ["terms.EUR.amount: 100 → 200"]
    first, second = versions()
    assert (first.version, first.archived_at) == (1, LATER)
    assert (second.version, second.archived_at, second.published_at) == (2, None, LATER)
    assert catalogue.get_plan("pro").price.amount == 200
    assert catalogue.get_prices([before.id]) == {before.id: before}


def test_what_a_product_says_changes_where_it_is_and_its_prices_stay():
    publish(text=pro(), now=NOW)
    more = plan("pro", price("pro-monthly"), entitlements={**ALLOWED, "seats": 9}, trial_days=7)
    publication = publish(text=written(plan(), more), now=LATER)
    assert sorted(fields_of(publication.changes)) == [
        "entitlements.seats: 3 → 9",
        "trial_days: 0 → 7",
    ]
    found = catalogue.get_plan("pro")
    assert (found.trial_days, found.entitlements["seats"]) == (7, 9)
    assert [row.version for row in versions()] == [1]


def test_what_invoices_call_a_price_is_a_part_of_it():
    publish(text=pro(), now=NOW)
    renamed = plan("pro", price("pro-monthly"), title="Professional")
    publish(text=written(plan(), renamed), now=LATER)
    assert [row.title for row in versions()] == ["Pro", "Professional"]


def test_what_is_taken_out_is_archived_and_kept():
    publish(text=pro(), now=NOW)
    publication = publish(text=written(), now=LATER)
    assert said(publication.changes) == ["product pro: archived", "price pro-monthly: archived"]
    assert [plan.name for plan in catalogue.get_plans()] == ["free"]
    kept = catalogue.get_product("pro")
    assert (kept.archived, kept.prices, kept.entitlements["seats"]) == (True, (), 3)
    assert versions()[0].archived_at == LATER


def test_what_comes_back_is_sold_again_in_a_version_of_its_own():
    for text in (pro(), written(), pro()):
        publication = publish(text=text, now=NOW)
    assert said(publication.changes) == ["product pro: added", "price pro-monthly: added"]
    assert [row.version for row in versions()] == [1, 2]
    assert not catalogue.get_plan("pro").archived


def test_a_price_that_is_taken_out_is_no_longer_offered():
    yearly = price("pro-yearly", interval="year", amount=1000)
    publish(text=pro(100, yearly), now=NOW)
    assert [each.name for each in catalogue.get_plan("pro").prices] == ["pro-monthly", "pro-yearly"]
    publish(text=pro(), now=LATER)
    assert [each.name for each in catalogue.get_plan("pro").prices] == ["pro-monthly"]


def test_a_meter_that_is_no_longer_written_stays_for_those_who_are_charged_by_it():
    publish(text=pro(100, price("calls", **CALLS), meters=[METER]), now=NOW)
    publication = publish(text=pro(), now=LATER)
    assert said(publication.changes) == ["price calls: archived"]
    assert versions("calls")[0].meter == Meter.objects.get()


@pytest.mark.parametrize(
    ("after", "words"),
    [
        (
            pro(100, price("calls", **CALLS), meters=[{**METER, "aggregation": "max"}]),
            "meter calls: its aggregation was sum once",
        ),
        (
            written(plan(), plan("free2", price("pro-monthly"))),
            "price pro-monthly: its product was pro once",
        ),
        (
            written(add_ons=[{"name": "pro", "title": "Pro", "prices": [price("p")]}]),
            "product pro: its kind was plan once",
        ),
    ],
    ids=["aggregation", "product", "kind"],
)
@pytest.mark.parametrize("meanwhile", ["in force", "archived"])
def test_a_name_stands_for_one_thing_for_good(after, words, meanwhile):
    publish(text=pro(100, price("calls", **CALLS), meters=[METER]), now=NOW)
    if meanwhile == "archived":
        publish(text=written(), now=NOW)
    before = list(Price.objects.order_by("id").values())
    with pytest.raises(CatalogueInvalid, match=words):
        publish(text=after, now=LATER)
    with pytest.raises(CatalogueInvalid, match=words):
        preview(text=after)
    assert list(Price.objects.order_by("id").values()) == before


def test_a_preview_changes_nothing():
    publish(text=pro(), now=NOW)
    changes = preview(text=pro(200))
    assert changes == publish(text=pro(200), now=LATER).changes
    assert preview(text=pro(200)) == []


def test_every_field_of_a_price_is_compared():
    before = price("calls", **CALLS)
    publish(text=pro(100, before, meters=[METER, {**METER, "name": "bytes"}]), now=NOW)
    after = price(
        "calls",
        **CALLS,
        title="Calls",
        resolution="day",
        tax_inclusive=True,
        terms={"EUR": {"model": "volume", "tiers": [{"up_to": None, "unit_amount": 1}]}},
    )
    after["meter"] = "bytes"
    changes = preview(text=pro(100, after, meters=[METER, {**METER, "name": "bytes"}]))
    assert sorted(fields_of(changes)) == [
        "meter: calls → bytes",
        "resolution: second → day",
        "tax_inclusive: False → True",
        "terms.EUR.amount: 100 → nothing",
        "terms.EUR.model: flat → volume",
        "terms.EUR.tiers.0.flat_amount: nothing → 0",
        "terms.EUR.tiers.0.unit_amount: nothing → 1",
        "title: Pro → Calls",
    ]


def test_a_product_is_shown_where_it_is_written():
    publish(text=written(plan(), plan("b", price("b")), plan("a", price("a"))), now=NOW)
    assert [p.name for p in catalogue.get_plans()] == ["free", "b", "a"]
    publish(text=written(plan(), plan("a", price("a")), plan("b", price("b"))), now=LATER)
    assert [p.name for p in catalogue.get_plans()] == ["free", "a", "b"]
    assert Product.objects.count() == 3


@pytest.mark.parametrize("resolution", Resolution)
def test_whatever_a_price_can_be_prorated_by_can_be_published(resolution):
    sold = plan("pro", price("p", amount=3000, resolution=resolution.value))
    publish(text=written(plan(), sold), now=NOW)
    kept = Price.objects.get(name="p")
    Price._meta.get_field("resolution").clean(kept.resolution, kept)
    [terms] = catalogue.get_prices([kept.id]).values()
    assert terms.resolution is resolution
