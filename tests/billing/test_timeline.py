"""All that happened to an organization's billing, in order, a page at a time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domains.billing.admin.timeline_words import WORDS
from domains.billing.models import Grant, Invoice, PaymentIntent
from domains.billing.services import timeline
from domains.billing.services.payments import giving_back
from domains.billing.services.subscriptions.quoting import Policy
from domains.billing.services.timeline import SOURCES, Place
from kernel.ids import uuid7
from tests.billing.conftest import NOW, put_on
from tests.billing.subscriptions.conftest import bill
from tests.principals import member_of

pytestmark = pytest.mark.django_db(databases="__all__")

ALL = [source.model for source in SOURCES]


def read(principal, **options):
    options.setdefault("limit", 100)
    return timeline.read(organization_id=principal.organization_id, models=ALL, **options)


def names(entries):
    return [entry.source.name for entry in reversed(entries)]


@pytest.fixture
def with_a_past(owner):
    """Somebody who bought, was charged again, was given some back, and left."""
    put_on(owner, "pro", "pm_card_visa")
    bill(now=NOW + timedelta(days=31))
    intent = PaymentIntent.objects.within(owner.organization_id).order_by("-id")[0]
    giving_back.refund_payment(
        organization_id=owner.organization_id,
        intent_id=intent.id,
        amount=900,
        reason="Late",
        now=NOW + timedelta(days=32),
    )
    put_on(owner, "free", policy=Policy.NOW, now=NOW + timedelta(days=33))
    return owner


def test_a_life_is_told_in_its_order(with_a_past):
    assert names(read(with_a_past)) == [
        "subscription_begun",
        "item_begun",
        "invoice_issued",
        "payment_begun",
        "payment_settled",
        "invoice_settled",
        "invoice_issued",
        "payment_begun",
        "payment_settled",
        "invoice_settled",
        "credit_note_issued",
        "refund_begun",
        "item_ended",
        "invoice_issued",
        "invoice_settled",
        "subscription_ended",
    ]


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_pages_of_any_size_hold_everything_once(with_a_past, size):
    whole = read(with_a_past)
    found, before = [], None
    while page := read(with_a_past, before=before, limit=size):
        found += page
        before = Place.parse(str(page[-1].place))
    assert [entry.place for entry in found] == [entry.place for entry in whole]
    assert len(found) == 16


def test_many_things_at_one_moment_are_neither_lost_nor_repeated(owner):
    for _ in range(7):
        Grant.objects.create(
            organization_id=owner.organization_id,
            feature="api_calls",
            amount=1,
            remaining=1,
            effective_at=NOW,
            created_at=NOW,
        )
    first = read(owner, limit=4)
    rest = read(owner, before=first[-1].place, limit=4)
    assert len({entry.row.id for entry in first + rest}) == 7
    assert (len(first), len(rest)) == (4, 3)


def test_nothing_of_anybody_else_is_told(with_a_past):
    assert read(member_of(uuid7())) == []


def test_only_what_was_asked_for_is_told(with_a_past):
    entries = timeline.read(
        organization_id=with_a_past.organization_id, models=[Invoice], limit=100
    )
    assert set(names(entries)) == {"invoice_issued", "invoice_settled"}


ID = "01a228ce-de60-7207-9707-d0095c9e4697"


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "~~",
        "2026-03-01T12:00:00~1~" + ID,
        "2026-03-01T12:00:00+00:00~99999999~" + ID,
        "2026-03-01T12:00:00+00:00~1~x",
        "2026-03-01T12:00:00+00:00~x~" + ID,
    ],
)
def test_a_place_that_was_made_up_is_none(text):
    with pytest.raises(ValueError, match=r".+"):
        Place.parse(text)


def test_every_source_has_its_words():
    assert set(WORDS) == {source.name for source in SOURCES}
