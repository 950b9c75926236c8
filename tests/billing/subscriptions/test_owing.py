"""Changing a plan whose invoice is still open: the time that is left of it is owed no more."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from domains.billing.services.invoicing import ledger, verification
from domains.billing.services.payments import transfers
from domains.billing.services.subscriptions.quoting import Policy
from tests.billing.conftest import put_on
from tests.billing.subscriptions.conftest import invoices_of

pytestmark = pytest.mark.django_db(databases="__all__")

HALF = datetime(2026, 3, 17, tzinfo=UTC)


@pytest.fixture
def by_transfer(owner, settings):
    """On pro, which is to be paid by bank transfer."""
    settings.PAYMENT_PROVIDER = "manual"
    put_on(owner, "pro")
    return owner


def dues(principal) -> list[int]:
    return [invoice.due for invoice in invoices_of(principal)]


def credit_of(principal) -> int:
    owner = principal.organization_id
    return ledger.balances(organization_ids=[owner]).get((owner, "EUR"), 0)


def receive(principal, amount) -> None:
    transfers.record_transfer(
        organization_id=principal.organization_id,
        invoice_id=invoices_of(principal)[0].id,
        amount=amount,
        received_at=HALF,
        now=HALF,
    )


def test_a_dearer_plan_takes_down_what_the_open_invoice_charges_for_its_time(by_transfer):
    assert dues(by_transfer) == [2900]
    put_on(by_transfer, "business", now=HALF)
    assert dues(by_transfer) == [1450, 4950]
    assert credit_of(by_transfer) == 0


@pytest.mark.parametrize("paid", [1, 1000, 1450, 2000, 2899])
def test_paid_in_part_it_costs_as_much_altogether(by_transfer, paid):
    receive(by_transfer, paid)
    put_on(by_transfer, "business", now=HALF)
    assert sum(dues(by_transfer)) - credit_of(by_transfer) == 1450 + 4950 - paid
    found = verification.verify(organization_id=by_transfer.organization_id, now=HALF)
    assert found.difference is None


def test_paid_whole_it_is_credited_by_the_change_alone(by_transfer):
    receive(by_transfer, 2900)
    put_on(by_transfer, "business", now=HALF)
    assert dues(by_transfer) == [0, 4950 - 1450]


def test_what_is_settled_with_the_next_invoice_leaves_the_open_one(by_transfer):
    put_on(by_transfer, "business", now=HALF)
    put_on(by_transfer, "pro", policy=Policy.PERIOD_END, now=HALF)
    assert dues(by_transfer) == [1450, 4950]
