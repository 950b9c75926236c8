"""What was used, from its events to the invoice: every aggregation, and every model of a price."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from domains.billing.contract.usage import UsageReport
from domains.billing.services.catalogue.publication import publish
from domains.billing.services.subscriptions.quoting import Policy
from domains.billing.services.usage import recording
from tests.billing.catalogue.documents import ALLOWED, plan, price, written
from tests.billing.conftest import NOW, put_on
from tests.billing.subscriptions.conftest import bill, invoices_of

pytestmark = pytest.mark.django_db(databases="__all__")

MARCH, APRIL, MAY = (datetime(2026, month, 1, 12, tzinfo=UTC) for month in (3, 4, 5))
TIERS = [
    {"up_to": 10, "unit_amount": 100, "flat_amount": 500},
    {"up_to": None, "unit_amount": 50, "flat_amount": 0},
]
# By the meter: how the events below add up, and what that costs.
TERMS = {
    "count": {"model": "per_unit", "unit_amount": 100, "free_units": 1},  # 3 events: 200
    "sum": {"model": "graduated", "tiers": TIERS},  # 20: 500 + 1000 + 500
    "max": {"model": "volume", "tiers": TIERS},  # 12: 600
    "last": {"model": "package", "size": 5, "amount": 300},  # 3: 300
    "unique": {"model": "percentage", "rate": "0.5", "flat_amount": 7},  # 2: 8
}
CHARGED = {"count": 200, "sum": 2000, "max": 600, "last": 300, "unique": 8}
EVENTS = ((5, "a"), (12, "b"), (3, "a"))


def usage_price(meter):
    return price(
        f"{meter}-monthly",
        quantity="usage",
        meter=meter,
        billing="arrears",
        terms={"EUR": TERMS[meter]},
    )


def add_on(meter):
    return {"name": f"with-{meter}", "title": meter, "prices": [usage_price(meter)]}


@pytest.fixture(autouse=True)
def _catalogue():
    meters = [{"name": each, "title": each, "aggregation": each} for each in TERMS]
    late = price("late-monthly", amount=1500, billing="arrears")
    text = written(
        plan(),
        plan("pro", price("pro-monthly", amount=1000), entitlements=ALLOWED),
        plan("late", late, entitlements=ALLOWED),
        meters=meters,
        add_ons=[add_on(each) for each in TERMS],
    )
    publish(text=text, now=NOW)


def use(owner, meter, *, at, told=None, events=EVENTS):
    """Tell of the events twice, the second time in another order."""
    reports = [
        UsageReport(
            organization_id=owner.organization_id,
            event_id=f"{meter}-{at}-{number}",
            meter=meter,
            value=Decimal(value),
            property=letter,
            occurred_at=at.replace(minute=number),
        )
        for number, (value, letter) in enumerate(events)
    ]
    for batch in (reports, reports[::-1]):
        recording.record(reports=batch, now=told or at.replace(minute=30))


def usage_lines(owner):
    """Return what the last invoice charges for usage, by the meter's product."""
    lines = invoices_of(owner)[-1].lines.filter(kind="usage")
    return {line.product: line.amount for line in lines if line.amount}


@pytest.mark.parametrize("meter", TERMS)
def test_a_period_is_charged_for_what_was_used_in_it_by_its_meter_and_price(owner, meter):
    put_on(owner, "pro", "pm_card_visa", add_ons={f"with-{meter}": 1}, now=MARCH)
    use(owner, meter, at=datetime(2026, 3, 10, 9, tzinfo=UTC))
    bill(now=APRIL)
    assert usage_lines(owner) == {f"with-{meter}": CHARGED[meter]}
    bill(now=APRIL)
    bill(now=MAY)
    assert usage_lines(owner) == {}
    assert len(invoices_of(owner)) == 3


def test_what_is_told_after_its_period_was_invoiced_is_on_the_next_invoice(owner):
    put_on(owner, "pro", "pm_card_visa", add_ons={"with-count": 1}, now=MARCH)
    bill(now=APRIL)
    assert usage_lines(owner) == {}
    late = datetime(2026, 4, 2, 9, tzinfo=UTC)
    use(owner, "count", at=datetime(2026, 3, 31, 9, tzinfo=UTC), told=late)
    bill(now=MAY)
    assert usage_lines(owner) == {"with-count": 200}


def test_what_was_used_until_a_plan_ends_is_charged_and_not_given_back(owner):
    put_on(owner, "pro", "pm_card_visa", add_ons={"with-count": 1}, now=MARCH)
    use(owner, "count", at=datetime(2026, 3, 10, 9, tzinfo=UTC))
    put_on(owner, "free", policy=Policy.NOW, now=datetime(2026, 3, 17, tzinfo=UTC))
    assert usage_lines(owner) == {"with-count": 200}


def test_a_price_in_arrears_is_charged_when_its_period_is_over(owner):
    put_on(owner, "late", "pm_card_visa", now=MARCH)
    assert [invoice.total for invoice in invoices_of(owner)] == []
    bill(now=APRIL)
    assert [invoice.total for invoice in invoices_of(owner)] == [1500]
    line = invoices_of(owner)[0].lines.get()
    assert (line.period_start, line.period_end) == (MARCH, APRIL)
