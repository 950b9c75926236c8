"""Invoices are final, in the books and told of, in one transaction."""

from __future__ import annotations

import pytest
from django.db import IntegrityError

from domains.billing.models import Customer, InvoiceLine
from domains.billing.services.invoicing import ledger
from domains.billing.services.invoicing.drafting import draft
from domains.billing.services.subscriptions.ending import end_with_organization
from tests.billing.conftest import said_of_invoices
from tests.billing.invoicing.making import (
    NOW,
    books,
    customer,
    draft_of,
    invoice_of,
    issued,
    line,
    new,
    pay,
    taxed,
)

pytestmark = pytest.mark.django_db(databases=["billing"])


def test_an_invoice_is_numbered_open_and_in_the_books():
    who = customer().organization_id
    one, two = issued(new(who, draft_of(1000)), new(who, draft_of(500, 500)))
    assert (one.number, two.number) == ("INV-2026-000001", "INV-2026-000002")
    assert (one.state, one.due) == ("open", 1190)
    assert InvoiceLine.objects.within(who).count() == 3
    assert books(who) == {"receivable": 2380, "revenue": -2000, "tax": -380}
    assert said_of_invoices() == ["billing.invoice_issued.v1"] * 2


def test_what_is_stored_is_what_was_drafted():
    who = customer().organization_id
    lines = [line("33.333333333333"), line(1190, tax_inclusive=True, details={"tier": 1})]
    made = draft(currency="EUR", lines=lines, taxing=taxed("0.19"))
    [invoice] = issued(new(who, made))
    stored = InvoiceLine.objects.within(who).order_by("position")
    for row, drafted in zip(stored, made.lines, strict=True):
        for field in ("precise", "amount", "net", "tax", "tax_rate", "details", "period_end"):
            assert getattr(row, field) == getattr(drafted, field)
    issued_totals = (invoice.subtotal, invoice.discount, invoice.tax, invoice.total)
    invoice.refresh_from_db()
    assert (invoice.subtotal, invoice.discount, invoice.tax, invoice.total) == issued_totals
    assert invoice.taxes == [
        {"country": "DE", "rate": "0.19", "reason": "", "base": 1033, "amount": 196}
    ]


def test_an_invoice_of_nothing_is_paid_at_once():
    invoice = invoice_of(customer().organization_id, 0)
    assert (invoice.state, invoice.settled_at) == ("paid", NOW)
    assert said_of_invoices() == ["billing.invoice_issued.v1", "billing.invoice_paid.v1"]


def test_credit_pays_first_also_that_of_an_invoice_just_before():
    who = customer().organization_id
    pay(invoice_of(who, 1000), 1190 + 500)
    found = issued(*(new(who, draft_of(amount, rate="0")) for amount in (300, -50, 300)))
    assert [(each.balance_used, each.due, each.state) for each in found] == [
        (300, 0, "paid"),
        (0, 0, "paid"),
        (250, 50, "open"),
    ]
    assert ledger.balances(organization_ids=[who]) == {}


def test_history_does_not_follow_later_changes(settings):
    who = customer(name="Ada Ltd", address={"line1": "Then"}, country="GB")
    settings.INVOICE_SELLER_NAME = "Tenon GmbH"
    invoice = invoice_of(who.organization_id, 1000)
    settings.INVOICE_SELLER_NAME = "Mortise AG"
    Customer.objects.within(who.organization_id).update(name="Bob Ltd", country="FR")
    invoice.refresh_from_db()
    assert invoice.seller["name"] == "Tenon GmbH"
    assert invoice.buyer["name"] == "Ada Ltd"
    assert invoice.buyer["address"] == {"line1": "Then"}
    assert invoice.buyer["country"] == "GB"


def test_a_period_is_invoiced_once(subscription):
    renewal = {"subscription_id": subscription.id, "cause": "renewal"}
    issued(new(subscription.organization_id, draft_of(1000), **renewal))
    with pytest.raises(IntegrityError, match="invoice_one_renewal_a_period"):
        issued(new(subscription.organization_id, draft_of(1000), **renewal))


def test_of_an_erased_organization_the_invoices_stay_and_the_profile_goes():
    who = customer(name="Ada Ltd", email="ada@example.com", vat_id="DE136695976").organization_id
    invoice = invoice_of(who, 1000)
    end_with_organization(organization_id=who, now=NOW)
    row = Customer.objects.within(who).get()
    assert (row.name, row.email, row.vat_id, row.address) == ("", "", "", {})
    invoice.refresh_from_db()
    assert invoice.buyer["name"] == "Ada Ltd"
