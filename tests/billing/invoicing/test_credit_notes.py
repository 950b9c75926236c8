"""What is taken back of an invoice: by line, never more than was charged, and where it goes."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from domains.billing.contract.invoice_errors import CreditRefused, InvoiceNotFound, InvoiceNotOpen
from domains.billing.models import CreditNoteLine, InvoiceLine
from domains.billing.services.arithmetic import precise
from domains.billing.services.invoicing import credit_notes, crediting, settling
from domains.billing.services.invoicing.credit_notes import CreditInput, CreditTo
from domains.billing.services.invoicing.drafting import draft
from kernel.db import transaction
from kernel.ids import uuid7
from tests.billing.arithmetic.golden import cases
from tests.billing.conftest import at_once, said_of_invoices
from tests.billing.invoicing.making import (
    NOW,
    books,
    credited,
    customer,
    draft_of,
    invoice_of,
    issued,
    line,
    new,
    pay,
    taxed,
)

GOLDEN = [
    pytest.param(case, id=f"{case['id']}: {case['source']}")
    for case in cases()
    if case["kind"] == "credit note"
]
pytestmark = pytest.mark.django_db(databases=["billing"])


def test_a_paid_invoice_is_credited_to_the_balance():
    who = customer().organization_id
    invoice = pay(invoice_of(who, 1000))
    note = credited(invoice, 100)
    assert (note.number, note.net, note.tax, note.total) == ("CN-2026-000001", 100, 19, 119)
    assert (note.to_invoice, note.to_balance, note.to_refund) == (0, 119, 0)
    assert books(who) == {"cash": 1190, "revenue": -900, "tax": -171, "balance": -119}
    assert invoice.state == "paid"
    assert said_of_invoices()[-1] == "billing.credit_note_issued.v1"


def test_what_is_due_is_taken_off_first_and_an_invoice_credited_whole_is_settled():
    who = customer().organization_id
    invoice = invoice_of(who, 1000)
    assert credited(invoice, 400).to_invoice == 476
    assert (invoice.state, invoice.due) == ("open", 714)
    pay(invoice, 700)
    note = credited(invoice, to="refund")
    assert (note.to_invoice, note.to_balance, note.to_refund) == (14, 0, 700)
    assert (invoice.state, invoice.due, invoice.settled_at) == ("paid", 0, NOW)
    assert books(who) == {"cash": 700, "refunds": -700}


def test_no_more_is_refunded_than_money_came_in():
    who = customer().organization_id
    pay(invoice_of(who, 1000), 1290)
    invoice = pay(invoice_of(who, 1000))
    assert (invoice.balance_used, invoice.paid) == (100, 1090)
    first = credited(invoice, 900, to="refund")
    assert (first.to_refund, first.to_balance) == (1071, 0)
    second = credited(invoice, to="refund")
    assert (second.to_refund, second.to_balance) == (19, 100)


def test_credits_of_a_charge_sum_to_it_however_it_is_cut():
    who = customer().organization_id
    [invoice] = issued(new(who, draft_of(1, 2, 997, rate="0.19")))
    pay(invoice)
    notes = [credited(invoice, Decimal("0.5")), credited(invoice)]
    assert sum(note.net for note in notes) == 1000
    assert sum(note.tax for note in notes) == 190
    with pytest.raises(CreditRefused):
        credited(invoice)


@pytest.mark.parametrize("case", GOLDEN)
def test_golden(case):
    given, expected = case["given"], case["expected"]
    who = customer().organization_id
    [invoice] = issued(new(who, draft_of(given["amount"], rate=given["tax_rate"])))
    if "invoice_tax" in expected:
        assert invoice.tax == expected["invoice_tax"]
    value = precise(given["amount"] * Fraction(given["days"], given["of"]))
    if not expected["total"]:
        with pytest.raises(CreditRefused):
            credited(pay(invoice), value)
        return
    note = credited(pay(invoice), value)
    assert (note.net, note.tax, note.total) == tuple(
        expected[name] for name in ("credit", "tax", "total")
    )


@pytest.mark.parametrize("case", GOLDEN)
def test_golden_as_a_line_of_the_next_invoice(case):
    given, expected = case["given"], case["expected"]
    who = customer().organization_id
    [invoice] = issued(new(who, draft_of(given["amount"], rate=given["tax_rate"])))
    pay(invoice)
    charge = InvoiceLine.objects.within(who).get()
    left = crediting.left_of(organization_id=who, line_ids=[charge.id])[charge.id]
    value = precise(-given["amount"] * Fraction(given["days"], given["of"]))
    made = draft(
        currency="EUR",
        lines=[line(value, reverses=charge.id, left=left)],
        taxing=taxed("0"),
    )
    assert (made.subtotal, made.tax) == (-expected["credit"], -expected["tax"])
    assert made.to_balance == expected["total"]


@pytest.mark.parametrize("net", ["0", "-1", "1000.01", "2000"])
def test_what_is_not_there_is_not_credited(net):
    with pytest.raises(CreditRefused):
        credited(invoice_of(customer().organization_id, 1000), net)


def test_a_credit_note_names_lines_of_its_invoice_each_once():
    who = customer().organization_id
    one, another = invoice_of(who, 1000), invoice_of(who, 1000)
    mine = InvoiceLine.objects.within(who).get(invoice=one)
    foreign = InvoiceLine.objects.within(who).get(invoice=another)
    for lines in ([], [mine, mine], [foreign], [mine, foreign]):
        with pytest.raises(CreditRefused):
            _credit(one, [CreditInput(line_id=row.id, net=Decimal(1)) for row in lines])


def test_a_void_invoice_and_another_organizations_are_not_credited():
    invoice = invoice_of(customer().organization_id, 1000)
    with transaction("billing"):
        settling.void(
            organization_id=invoice.organization_id, invoice_id=invoice.id, reason="x", now=NOW
        )
    with pytest.raises(InvoiceNotOpen):
        credited(invoice)
    invoice.organization_id = uuid7()
    with pytest.raises(InvoiceNotFound):
        _credit(invoice, [])


def _credit(invoice, lines):
    return credit_notes.credit(
        organization_id=invoice.organization_id,
        invoice_id=invoice.id,
        lines=lines,
        reason="It was late",
        to=CreditTo.BALANCE,
        now=NOW,
    )


@pytest.mark.django_db(databases=["billing"], transaction=True)
def test_ten_at_once_credit_no_more_than_the_charge():
    invoice = pay(invoice_of(customer().organization_id, 1000))
    results = at_once(10, lambda _: credited(invoice, 300))
    refused = [result for result in results if isinstance(result, CreditRefused)]
    assert len(refused) == 7
    rows = CreditNoteLine.objects.within(invoice.organization_id)
    assert sum(row.net for row in rows) == 900


def credit_amount(invoice, gross, **options):
    with transaction("billing"):
        note = credit_notes.credit_amount(
            organization_id=invoice.organization_id,
            invoice_id=invoice.id,
            gross=gross,
            reason="It was late",
            to=CreditTo.BALANCE,
            now=NOW,
            **options,
        )
    invoice.refresh_from_db()
    return note


@pytest.mark.parametrize("gross", [1, 333, 999, 1785])
def test_an_amount_with_tax_is_credited_to_the_minor_unit(gross):
    who = customer().organization_id
    invoice = pay(invoice_of(who, 1000, 500))
    note = credit_amount(invoice, gross)
    assert note.total == gross == sum(row.net + row.tax for row in note.lines.all())
    assert sum(books(who).values()) == 0
    assert books(who)["balance"] == -gross


def test_an_amount_is_credited_of_the_lines_that_are_named():
    invoice = pay(invoice_of(customer().organization_id, 1000, 500))
    first, second = invoice.lines.order_by("position")
    note = credit_amount(invoice, 595, line_ids=[second.id])
    assert [row.line_id for row in note.lines.all()] == [second.id]
    with pytest.raises(CreditRefused, match="0 minor units"):
        credit_amount(invoice, 1, line_ids=[second.id])
    assert credit_amount(invoice, 1190).lines.get().line_id == first.id


@pytest.mark.parametrize("gross", [0, -1, 1191])
def test_no_more_than_is_left_is_credited_with_tax(gross):
    invoice = pay(invoice_of(customer().organization_id, 1000))
    with pytest.raises(CreditRefused, match="1190 minor units"):
        credit_amount(invoice, gross)


def test_lines_of_another_invoice_are_refused():
    who = customer().organization_id
    invoice, other = invoice_of(who, 1000), invoice_of(who, 1000)
    with pytest.raises(CreditRefused):
        credit_amount(invoice, 5, line_ids=[other.lines.get().id])
