"""Invoices that staff write: drafts until they are final, and numbered only then."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from domains.billing.contract.invoice_errors import (
    DraftInvalid,
    InvoiceNotFound,
    InvoiceNotOpen,
    TaxUnknown,
)
from domains.billing.models import Customer, Dunning, Invoice, InvoiceLine, NumberSequence
from domains.billing.services import manual_invoices
from domains.billing.services.invoicing import reading, settling, verification
from domains.billing.services.manual_invoices import ManualLine
from kernel.db import transaction
from kernel.ids import uuid7
from tests.billing.conftest import NOW, at_once, put_on, said_of_invoices
from tests.billing.invoicing.making import books, customer

pytestmark = pytest.mark.django_db(databases="__all__")

SETUP = ManualLine(description="Setup", unit_amount=Decimal(10000))
HOURS = ManualLine(
    description="Training",
    unit_amount=Decimal(8050),
    quantity=Decimal("1.5"),
    tax_category="reduced",
)


@pytest.fixture
def who(settings):
    settings.INVOICE_SELLER_COUNTRY = "DE"
    return customer(currency="EUR").organization_id


def make(who, *lines, **options) -> Invoice:
    given = {"currency": "EUR", "now": NOW, **options}
    return manual_invoices.make_draft(organization_id=who, lines=lines or [SETUP, HOURS], **given)


def finalize(draft: Invoice, **options) -> Invoice:
    return manual_invoices.finalize(
        organization_id=draft.organization_id, invoice_id=draft.id, **{"now": NOW, **options}
    )


def lines_of(invoice: Invoice) -> list[tuple[str, int, Decimal]]:
    rows = InvoiceLine.objects.within(invoice.organization_id).filter(invoice=invoice)
    return [(row.description, row.net, row.tax_rate) for row in rows.order_by("position")]


def test_a_draft_has_no_number_is_in_no_books_and_shown_to_nobody(owner):
    draft = make(owner.organization_id)
    assert (draft.state, draft.number, draft.issued_at, draft.total) == ("draft", None, None, 22075)
    assert books(owner.organization_id) == {}
    assert not NumberSequence.objects.exists()
    assert list(reading.list_invoices(principal=owner)) == []
    with pytest.raises(InvoiceNotFound):
        reading.get_invoice(principal=owner, invoice_id=draft.id)
    assert said_of_invoices() == []


def test_a_draft_is_changed_and_dropped_as_if_it_had_never_been(who):
    draft = make(who)
    manual_invoices.change_draft(
        organization_id=who, invoice_id=draft.id, lines=[SETUP], memo="Less", now=NOW
    )
    draft.refresh_from_db()
    assert (draft.total, draft.memo) == (10000, "Less")
    assert lines_of(draft) == [("Setup", 10000, Decimal(0))]
    manual_invoices.drop_draft(organization_id=who, invoice_id=draft.id, now=NOW)
    assert not Invoice.objects.within(who).exists()


def test_made_final_it_is_numbered_taxed_owed_and_in_the_books(who):
    draft = make(who, memo="As agreed")
    invoice = finalize(draft)
    assert (invoice.id, invoice.number, invoice.state) == (draft.id, "INV-2026-000001", "open")
    assert lines_of(invoice) == [
        ("Setup", 10000, Decimal("0.19")),
        ("Training", 12075, Decimal("0.07")),
    ]
    assert (invoice.subtotal, invoice.tax, invoice.total) == (22075, 2745, 24820)
    assert (invoice.memo, invoice.due_at) == ("As agreed", NOW + timedelta(days=14))
    assert books(who) == {"receivable": 24820, "revenue": -22075, "tax": -2745}
    assert said_of_invoices() == ["billing.invoice_issued.v1"]
    assert Dunning.objects.within(who).get().invoice_id == invoice.id
    assert verification.verify(organization_id=who, now=NOW).difference is None


def test_numbers_are_given_in_the_order_of_finalization_and_have_no_gap(who):
    first, dropped, second = make(who), make(who), make(who)
    manual_invoices.drop_draft(organization_id=who, invoice_id=dropped.id, now=NOW)
    assert finalize(second).number == "INV-2026-000001"
    assert finalize(first).number == "INV-2026-000002"


def test_it_says_what_the_customer_was_called_when_it_became_final(who):
    draft = make(who)
    Customer.objects.within(who).update(name="Lovelace plc")
    assert finalize(draft).buyer["name"] == "Lovelace plc"


def test_what_is_final_is_no_draft_any_more(who):
    draft = make(who)
    finalize(draft)
    given = {"organization_id": who, "invoice_id": draft.id, "now": NOW}
    for work in (manual_invoices.finalize, manual_invoices.drop_draft):
        with pytest.raises(InvoiceNotOpen):
            work(**given)
    with pytest.raises(InvoiceNotOpen):
        manual_invoices.change_draft(**given, lines=[SETUP])
    with pytest.raises(InvoiceNotFound):
        manual_invoices.finalize(**given | {"organization_id": uuid7()})


@pytest.mark.parametrize("end", [settling.void, settling.write_off])
def test_made_final_it_is_voided_and_written_off_and_a_draft_is_not(who, end):
    draft = make(who)
    given = {"organization_id": who, "invoice_id": draft.id, "reason": "Slip", "now": NOW}
    with transaction("billing"), pytest.raises(InvoiceNotOpen):
        end(**given)
    finalize(draft)
    with transaction("billing"):
        assert end(**given).number == "INV-2026-000001"


def test_who_has_a_card_pays_it_by_that(owner):
    put_on(owner, "pro", "pm_card_visa")
    invoice = finalize(make(owner.organization_id))
    assert invoice.payments.get().amount == 22075


def test_while_its_tax_is_not_known_it_stays_a_draft(who, settings):
    settings.TAX_SERVICE = "http://127.0.0.1:9/taxes"
    draft = make(who)
    with pytest.raises(TaxUnknown):
        finalize(draft)
    draft.refresh_from_db()
    assert (draft.state, len(lines_of(draft))) == ("draft", 2)
    settings.TAX_SERVICE = ""
    assert finalize(draft).number == "INV-2026-000001"


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [ManualLine(description="Nothing", unit_amount=Decimal(0))],
        [ManualLine(description="Less", unit_amount=Decimal(5), quantity=Decimal(-1))],
    ],
)
def test_a_draft_that_charges_nothing_is_refused(who, lines):
    with pytest.raises(DraftInvalid):
        manual_invoices.make_draft(organization_id=who, currency="EUR", lines=lines, now=NOW)


def test_a_customer_is_billed_in_one_currency(who):
    with pytest.raises(DraftInvalid, match="EUR"):
        make(who, currency="USD")


@pytest.mark.django_db(databases="__all__", transaction=True)
def test_made_final_by_many_at_once_it_is_one_invoice(settings):
    settings.INVOICE_SELLER_COUNTRY = "DE"
    draft = make(customer(currency="EUR").organization_id)
    results = at_once(8, lambda _: finalize(draft).number)
    assert [each for each in results if isinstance(each, str)] == ["INV-2026-000001"]
    assert {type(each) for each in results if not isinstance(each, str)} == {InvoiceNotOpen}
