from __future__ import annotations

import pytest
from django.db import IntegrityError

from domains.billing.models import InvoiceLine, Posting
from domains.billing.services.invoicing import ledger, settling
from kernel.db import transaction
from tests.billing.conftest import said_by_billing
from tests.billing.invoicing.making import (
    NOW,
    customer,
    draft_of,
    invoice_of,
    issued,
    new,
    payment_of,
)

pytestmark = pytest.mark.django_db(databases=["billing"])


def books(organization_id) -> dict[str, int]:
    sums: dict[str, int] = {}
    for posting in Posting.objects.within(organization_id):
        sums[posting.account] = sums.get(posting.account, 0) + posting.amount
    return {account: sum_ for account, sum_ in sums.items() if sum_}


def test_an_invoice_is_numbered_open_and_in_the_books():
    who = customer()
    one, two = issued(
        new(who.organization_id, draft_of(1000)), new(who.organization_id, draft_of(500, 500))
    )
    assert (one.number, two.number) == ("INV-2026-000001", "INV-2026-000002")
    assert (one.state, one.due) == ("open", 1190)
    assert InvoiceLine.objects.within(who.organization_id).count() == 3
    assert books(who.organization_id) == {"receivable": 2380, "revenue": -2000, "tax": -380}
    assert said_by_billing() == ["billing.invoice_issued.v1"] * 2


def test_an_invoice_of_nothing_is_paid_at_once():
    invoice = invoice_of(customer().organization_id, 0)
    assert (invoice.state, invoice.settled_at) == ("paid", NOW)
    assert said_by_billing() == ["billing.invoice_issued.v1", "billing.invoice_paid.v1"]


def test_a_payment_pays_it_and_what_is_too_much_is_the_customers():
    who = customer().organization_id
    invoice = invoice_of(who, 1000)
    with transaction("billing"):
        settling.record_payment(invoice_id=invoice.id, intent=payment_of(invoice, 1200), now=NOW)
    invoice.refresh_from_db()
    assert (invoice.state, invoice.paid) == ("paid", 1190)
    assert ledger.balances(organization_ids=[who]) == {(who, "EUR"): 10}
    later = invoice_of(who, 1000)
    assert (later.balance_used, later.due) == (10, 1180)


def test_a_payment_is_recorded_once():
    invoice = invoice_of(customer().organization_id, 1000)
    intent = payment_of(invoice)
    with transaction("billing"):
        settling.record_payment(invoice_id=invoice.id, intent=intent, now=NOW)
    with pytest.raises(IntegrityError, match="posting_group_once"), transaction("billing"):
        settling.record_payment(invoice_id=invoice.id, intent=intent, now=NOW)
