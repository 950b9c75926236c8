"""Seats follow membership: what is taken is charged, once, from when it is taken."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from domains.billing.models import Consumption
from domains.billing.services.subscriptions import seats
from tests.billing.conftest import NOW, put_on
from tests.billing.subscriptions.conftest import bill, invoices_of

pytestmark = pytest.mark.django_db(databases="__all__")

STARTED = NOW + timedelta(days=14)  # when the trial is over
HALF = STARTED + timedelta(days=15, hours=12)
NEXT = datetime(2026, 4, 15, 12, tzinfo=UTC)
SEAT = 900


def take(principal, count):
    Consumption.objects.update_or_create(
        organization_id=principal.organization_id,
        feature="seats",
        period_start=datetime(1970, 1, 1, tzinfo=UTC),
        defaults={"used": count},
    )


@pytest.fixture
def on_scale(owner):
    """Twelve seats, of which ten are free."""
    put_on(owner, "scale", "pm_card_visa")
    take(owner, 12)
    bill(now=STARTED)
    return owner


def lines_of(invoice):
    rows = invoice.lines.filter(price__quantity="seats").order_by("position")
    return [(row.kind, row.amount) for row in rows]


def test_seats_are_charged_as_they_are_taken_when_the_period_begins(on_scale):
    assert lines_of(invoices_of(on_scale)[-1]) == [("recurring", 2 * SEAT)]


def test_seats_taken_later_are_charged_on_the_next_invoice_for_what_is_left(on_scale):
    take(on_scale, 16)
    for _ in range(2):
        seats.charge_grown(now=HALF)
    assert len(invoices_of(on_scale)) == 1
    bill(now=NEXT)
    assert lines_of(invoices_of(on_scale)[-1]) == [
        ("credit", -SEAT),
        ("proration", 3 * SEAT),
        ("recurring", 6 * SEAT),
    ]


def test_seats_that_come_free_are_paid_until_the_period_ends_and_taken_again_for_nothing(on_scale):
    for count in (11, 12):
        take(on_scale, count)
        seats.charge_grown(now=HALF)
    take(on_scale, 11)
    bill(now=NEXT)
    assert lines_of(invoices_of(on_scale)[-1]) == [("recurring", SEAT)]
