"""What stands on paper, read back from it by pdftotext, and looked at by pdftoppm."""

from __future__ import annotations

import re
import subprocess
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO

import pytest
from PIL import Image

from domains.billing.models import CreditNoteLine, Customer, Invoice, InvoiceLine
from domains.billing.services.invoicing.drafting import draft
from domains.billing.services.invoicing.pdf.documents import (
    credit_note_document,
    invoice_document,
)
from domains.billing.services.invoicing.pdf.drawing import draw
from domains.billing.services.invoicing.pdf.language import Language
from domains.billing.services.invoicing.taxes import untaxed
from tests.billing.invoicing.making import (
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

pytestmark = pytest.mark.django_db(databases=["billing"])
poppler = pytest.mark.poppler
ADDRESS = {"line1": "Lochkartenallee 2", "postal_code": "20095", "city": "Hamburg"}


def paper(invoice: Invoice) -> bytes:
    lines = InvoiceLine.objects.within(invoice.organization_id).filter(invoice=invoice)
    return draw(invoice_document(invoice=invoice, lines=list(lines.order_by("position"))))


def words_of(pdf: bytes) -> str:
    """Return the text of the pages, with single spaces."""
    command = ["pdftotext", "-layout", "-", "-"]
    text = subprocess.run(command, input=pdf, capture_output=True, check=True).stdout.decode()
    return re.sub(r"\s+", " ", text)


def german(**values) -> Customer:
    given = {"name": "Räder & Söhne", "country": "DE", "address": ADDRESS, "locale": "de-DE"}
    return customer(**given | values)


@pytest.fixture(autouse=True)
def _seller(settings):
    settings.INVOICE_SELLER_NAME = "Tenon GmbH"
    settings.INVOICE_SELLER_ADDRESS = ["Zapfenweg 1", "10115 Berlin"]
    settings.INVOICE_SELLER_COUNTRY = "DE"
    settings.INVOICE_SELLER_VAT_ID = "DE136695976"


def test_the_same_invoice_gives_the_same_bytes_also_once_it_is_paid():
    invoice = invoice_of(german().organization_id, 123456)
    first = paper(invoice)
    assert paper(pay(invoice)) == first
    assert first.startswith(b"%PDF-")


@poppler
def test_an_invoice_says_all_that_it_must():
    lines = [line(119000, tax_inclusive=True), line("50000", tax_category="reduced")]
    taxing = taxed("0.19", reduced="0.07")
    made = draft(currency="EUR", lines=lines, taxing=taxing)
    text = words_of(paper(issued(new(german().organization_id, made))[0]))
    for said in (
        "Rechnung Von Tenon GmbH",
        "Nummer INV-2026-000001",
        "Datum 01.03.2026",
        "Fällig 15.03.2026",
        "01.03.2026 \N{EN DASH} 31.03.2026",
        "USt-IdNr. DE136695976",
        "Räder & Söhne Lochkartenallee 2 20095 Hamburg Deutschland",
        "Steuer 19 % auf 1.000,00 EUR 190,00 EUR",
        "Steuer 7 % auf 500,00 EUR 35,00 EUR",
        "Gesamtbetrag 1.725,00 EUR",
        "Seite 1 von 1",
    ):
        assert said.replace("Rechnung Von ", "") in text.replace("\xa0", " ")


@poppler
@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("reverse_charge", "Reverse charge: VAT is to be accounted for by the recipient"),
        ("exempt", "Exempt from tax: A charity."),
        ("outside", "Not subject to tax in Germany"),
        ("not_registered", "No tax is charged."),
    ],
)
def test_an_invoice_without_tax_says_why(reason, said):
    who = customer(tax_exempt_reason="A charity", vat_id="ATU13585627", country="AT")
    made = draft(currency="EUR", lines=[line(100)], taxing=untaxed("standard", reason=reason))
    text = words_of(paper(issued(new(who.organization_id, made))[0]))
    assert said in text
    assert "VAT ID ATU13585627" in text


@poppler
def test_what_the_credit_pays_is_shown():
    who = customer().organization_id
    pay(invoice_of(who, 1000), 1190 + 200)
    text = words_of(paper(invoice_of(who, 1000)))
    assert "Paid from your credit -2.00 EUR To pay 9.90 EUR" in text.replace("\xa0", " ")


@poppler
def test_a_credit_note_names_its_invoice_and_why():
    invoice = pay(invoice_of(customer().organization_id, 1000))
    note = credited(invoice, 100)
    lines = CreditNoteLine.objects.within(note.organization_id).select_related("line")
    document = credit_note_document(note=note, lines=list(lines), invoice=invoice)
    assert draw(document) == draw(document)
    text = words_of(draw(document)).replace("\xa0", " ")
    for said in ("Credit note", "CN-2026-000001", "INV-2026-000001", "It was late", "1.19 EUR"):
        assert said in text


@poppler
@pytest.mark.parametrize("name", ["Ωμέγα", "Привет", "Łódź Şirketi"])
def test_names_in_other_scripts_are_readable(name):
    who = customer(name=name).organization_id
    assert name in words_of(paper(invoice_of(who, 1000)))


@pytest.mark.parametrize("name", ["株式会社テノン", "شركة", "שלום", "Rocket 🚀\x07", "x" * 200])
def test_no_name_is_too_strange(name, caplog):
    who = customer(name=name, address={"line1": name}).organization_id
    assert paper(invoice_of(who, 1000)).startswith(b"%PDF-")
    assert caplog.text == ""


@poppler
def test_a_long_invoice_goes_on_on_further_pages():
    made = draft_of(*range(1, 80))
    text = words_of(paper(issued(new(customer().organization_id, made))[0]))
    pages = int(re.search(r"Page 1 of (\d+)", text)[1])
    assert pages > 1
    assert text.count("Description") == pages or text.count("Description") == pages - 1
    assert f"Page {pages} of {pages}" in text


@poppler
def test_what_is_drawn_stays_within_the_page():
    lines = [line(10**12, description="W" * 300, quantity=Decimal("123456789.123"))]
    made = draft(currency="EUR", lines=lines, taxing=taxed("0.19"))
    image = picture(paper(issued(new(customer(name="W" * 200).organization_id, made))[0]))
    margin = round(image.width * 15 / 210)
    ink = Image.eval(image, lambda value: 255 - value).getbbox()
    assert margin < ink[0]
    assert ink[2] < image.width - margin


def picture(pdf: bytes) -> Image.Image:
    command = ["pdftoppm", "-r", "50", "-png", "-gray", "-f", "1", "-singlefile", "-"]
    drawn = subprocess.run(command, input=pdf, capture_output=True, check=True).stdout
    return Image.open(BytesIO(drawn))


@pytest.mark.parametrize(
    ("locale", "shown"),
    [
        ("de-AT", "1.234,50 EUR"),
        ("en", "1,234.50 EUR"),
        ("fr", "1,234.50 EUR"),
        ("no such thing", "1,234.50 EUR"),
    ],
)
def test_numbers_are_written_as_the_words_are(locale, shown):
    language = Language.of(locale=locale, time_zone="UTC")
    assert language.money(123450, "EUR").replace("\xa0", " ") == shown


def test_money_has_the_digits_of_its_currency():
    language = Language.of(locale="en", time_zone="UTC")
    assert language.money(1234, "JPY").replace("\xa0", " ") == "1,234 JPY"
    assert language.money(-1234, "KWD").replace("\xa0", " ") == "-1.234 KWD"


def test_days_are_those_of_the_customer():
    language = Language.of(locale="de", time_zone="Pacific/Auckland")
    start = datetime(2026, 2, 28, 11, tzinfo=UTC)
    assert language.date(start) == "01.03.2026"
    assert language.period(start, start) == "01.03.2026 \N{EN DASH} 01.03.2026"
