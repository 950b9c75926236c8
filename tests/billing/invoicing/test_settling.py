"""What becomes of an invoice, and that no other way is open."""

from __future__ import annotations

from itertools import product

import pytest
from django.db import IntegrityError

from domains.billing.contract.invoice_errors import InvoiceNotFound, InvoiceNotOpen
from domains.billing.models import Invoice, InvoiceLine, InvoiceState
from domains.billing.services.invoicing import crediting, ledger, settling
from domains.billing.services.invoicing.drafting import draft
from domains.billing.services.invoicing.states import TRANSITIONS, move
from kernel.db import transaction
from kernel.ids import uuid7
from tests.billing.conftest import said_of_invoices
from tests.billing.invoicing.making import (
    NOW,
    books,
    customer,
    invoice_of,
    issued,
    line,
    new,
    pay,
    payment_of,
    taxed,
)

pytestmark = pytest.mark.django_db(databases=["billing"])


def void(invoice: Invoice) -> Invoice:
    with transaction("billing"):
        return settling.void(
            organization_id=invoice.organization_id, invoice_id=invoice.id, reason="Slip", now=NOW
        )


def write_off(invoice: Invoice) -> Invoice:
    with transaction("billing"):
        return settling.write_off(
            organization_id=invoice.organization_id, invoice_id=invoice.id, reason="Gone", now=NOW
        )


@pytest.mark.parametrize(("state", "to"), list(product(InvoiceState, InvoiceState)))
def test_an_invoice_moves_by_the_table_alone(state, to):
    invoice = Invoice(state=state)
    if to in TRANSITIONS[state]:
        move(invoice, to)
        assert invoice.state == to
    else:
        with pytest.raises(InvoiceNotOpen):
            move(invoice, to)


def test_a_payment_pays_it_and_what_is_too_much_is_the_customers():
    who = customer().organization_id
    invoice = pay(invoice_of(who, 1000), 1200)
    assert (invoice.state, invoice.paid) == ("paid", 1190)
    assert ledger.balances(organization_ids=[who]) == {(who, "EUR"): 10}
    later = invoice_of(who, 1000)
    assert (later.balance_used, later.due) == (10, 1180)


def test_parts_of_payments_pay_it_together():
    invoice = pay(invoice_of(customer().organization_id, 1000), 1000)
    assert (invoice.state, invoice.due) == ("open", 190)
    assert pay(invoice, 190).state == "paid"
    assert said_of_invoices().count("billing.invoice_paid.v1") == 1


def test_a_payment_is_recorded_once():
    invoice = invoice_of(customer().organization_id, 1000)
    intent = payment_of(invoice)
    with transaction("billing"):
        settling.record_payment(invoice_id=invoice.id, intent=intent, now=NOW)
    with pytest.raises(IntegrityError, match="posting_group_once"), transaction("billing"):
        settling.record_payment(invoice_id=invoice.id, intent=intent, now=NOW)


def test_money_for_a_void_invoice_or_for_none_is_the_customers():
    who = customer().organization_id
    invoice = void(invoice_of(who, 1000))
    assert pay(invoice, 300).state == "void"
    with transaction("billing"):
        settling.record_payment(invoice_id=None, intent=payment_of(invoice, 50), now=NOW)
    assert books(who) == {"cash": 350, "balance": -350}


def test_another_organizations_invoice_is_none():
    invoice = invoice_of(customer().organization_id, 1000)
    invoice.organization_id = uuid7()
    with pytest.raises(InvoiceNotFound):
        void(invoice)


def test_a_void_invoice_leaves_nothing_in_the_books_and_gives_back_the_credit():
    who = customer().organization_id
    pay(invoice_of(who, 1000), 1290)
    before = books(who)
    invoice = invoice_of(who, 500)
    assert invoice.balance_used == 100
    assert void(invoice).state == "void"
    assert books(who) == before
    assert said_of_invoices()[-1] == "billing.invoice_voided.v1"


def test_a_void_invoice_takes_back_what_it_credited():
    who = customer().organization_id
    charged = pay(invoice_of(who, 1000))
    charge = InvoiceLine.objects.within(who).get(invoice=charged)
    left = crediting.left_of(organization_id=who, line_ids=[charge.id])[charge.id]
    lines = [line(2000), line(-400, reverses=charge.id, left=left)]
    [invoice] = issued(new(who, draft(currency="EUR", lines=lines, taxing=taxed("0.19"))))
    charge.refresh_from_db()
    assert (charge.credited, charge.credited_tax) == (400, 76)
    void(invoice)
    charge.refresh_from_db()
    assert (charge.credited, charge.credited_tax) == (0, 0)


def test_an_invoice_that_was_paid_in_part_is_not_voided():
    invoice = pay(invoice_of(customer().organization_id, 1000), 10)
    with pytest.raises(InvoiceNotOpen, match="credit note"):
        void(invoice)


def test_what_was_given_up_may_still_be_paid():
    who = customer().organization_id
    invoice = write_off(pay(invoice_of(who, 1000), 190))
    assert invoice.state == "uncollectible"
    assert books(who) == {"cash": 190, "write_off": 1000, "revenue": -1000, "tax": -190}
    assert pay(invoice, 400).state == "uncollectible"
    assert pay(invoice, 600).state == "paid"
    assert books(who) == {"cash": 1190, "revenue": -1000, "tax": -190}


def test_a_credit_beyond_its_charge_is_refused_by_the_database():
    who = customer().organization_id
    charged = pay(invoice_of(who, 1000))
    charge = InvoiceLine.objects.within(who).get(invoice=charged)
    left = crediting.left_of(organization_id=who, line_ids=[charge.id])[charge.id]
    given = draft(
        currency="EUR",
        lines=[line(-600, reverses=charge.id, left=left)],
        taxing=taxed("0.19"),
    )
    issued(new(who, given))
    with pytest.raises(IntegrityError, match="invoice_line_not_credited_beyond"):
        issued(new(who, given))


def test_what_was_not_paid_can_not_be_credited():
    who = customer().organization_id
    invoice = invoice_of(who, 1000)
    charge = InvoiceLine.objects.within(who).get(invoice=invoice)
    assert crediting.left_of(organization_id=who, line_ids=[charge.id]) == {}
    pay(invoice, 595)
    part = crediting.left_of(organization_id=who, line_ids=[charge.id])[charge.id]
    assert (part.net.rounded, part.tax.rounded) == (500, 95)
    pay(invoice)
    whole = crediting.left_of(organization_id=who, line_ids=[charge.id])[charge.id]
    assert (whole.net.rounded, whole.tax.rounded) == (1000, 190)
    assert crediting.left_of(organization_id=uuid7(), line_ids=[charge.id]) == {}
