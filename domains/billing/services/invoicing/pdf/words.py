"""What documents say by themselves, by language (ISO 639). English is what every other falls to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Words:
    """The labels and sentences of one language; what is in braces is filled in."""

    invoice: str
    credit_note: str
    number: str
    date: str
    due: str
    period: str
    of_invoice: str
    reason: str
    seller: str
    buyer: str
    vat_id: str
    description: str
    quantity: str
    tax_rate: str
    amount: str
    tax_included: str
    subtotal: str
    discount: str
    tax: str
    credited: str
    to_balance: str
    total: str
    balance_used: str
    to_pay: str
    reverse_charge: str
    exempt: str
    outside: str
    not_registered: str
    page: str


ENGLISH = Words(
    invoice="Invoice",
    credit_note="Credit note",
    number="Number",
    date="Date",
    due="Due",
    period="Period",
    of_invoice="For invoice",
    reason="Reason",
    seller="From",
    buyer="To",
    vat_id="VAT ID {id}",
    description="Description",
    quantity="Quantity",
    tax_rate="Tax",
    amount="Amount",
    tax_included="tax included",
    subtotal="Subtotal without tax",
    discount="Discount",
    tax="Tax {rate} on {base}",
    credited="Credited without tax",
    to_balance="Kept as your credit",
    total="Total",
    balance_used="Paid from your credit",
    to_pay="To pay",
    reverse_charge="Reverse charge: VAT is to be accounted for by the recipient "
    "(Article 196 of Directive 2006/112/EC).",
    exempt="Exempt from tax: {reason}.",
    outside="Not subject to tax in {country}: the place of supply is where the customer is.",
    not_registered="No tax is charged.",
    page="Page {page} of {pages}",
)
GERMAN = Words(
    invoice="Rechnung",
    credit_note="Gutschrift",
    number="Nummer",
    date="Datum",
    due="Fällig",
    period="Zeitraum",
    of_invoice="Zur Rechnung",
    reason="Grund",
    seller="Von",
    buyer="An",
    vat_id="USt-IdNr. {id}",
    description="Beschreibung",
    quantity="Menge",
    tax_rate="Steuer",
    amount="Betrag",
    tax_included="inkl. Steuer",
    subtotal="Zwischensumme ohne Steuer",
    discount="Rabatt",
    tax="Steuer {rate} auf {base}",
    credited="Gutgeschrieben ohne Steuer",
    to_balance="Ihrem Guthaben gutgeschrieben",
    total="Gesamtbetrag",
    balance_used="Aus Ihrem Guthaben bezahlt",
    to_pay="Zu zahlen",
    reverse_charge="Steuerschuldnerschaft des Leistungsempfängers "
    "(Artikel 196 der Richtlinie 2006/112/EG).",
    exempt="Von der Steuer befreit: {reason}.",
    outside="In {country} nicht steuerbar: Leistungsort ist der Sitz des Kunden.",
    not_registered="Es wird keine Steuer berechnet.",
    page="Seite {page} von {pages}",
)
BY_LANGUAGE = {"en": ENGLISH, "de": GERMAN}
