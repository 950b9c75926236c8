"""What stands on an invoice or a credit note, made from what was kept when it was issued."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from domains.billing.models import CreditNote, CreditNoteLine, Invoice, InvoiceLine
from domains.billing.services.invoicing.pdf.language import Language
from domains.billing.services.invoicing.taxes import EXEMPT, NOT_REGISTERED, OUTSIDE, REVERSE_CHARGE

_NOT_TAXED = "\N{EN DASH}"


@dataclass(frozen=True, kw_only=True)
class Party:
    """Seller or buyer: a label, and the lines beneath it."""

    label: str
    lines: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Row:
    """A line of the document; `below` stands small beneath the description."""

    description: str
    below: str
    quantity: str
    tax: str
    amount: str


@dataclass(frozen=True, kw_only=True)
class Sum:
    """A line of the totals."""

    label: str
    amount: str
    strong: bool = False


@dataclass(frozen=True, kw_only=True)
class Document:
    """All text of a document, in the customer's language."""

    title: str
    number: str
    issued_at: datetime
    language: Language
    facts: tuple[tuple[str, str], ...]
    parties: tuple[Party, Party]
    rows: tuple[Row, ...]
    sums: tuple[Sum, ...]
    notes: tuple[str, ...]


def invoice_document(*, invoice: Invoice, lines: Sequence[InvoiceLine]) -> Document:
    """Return what stands on a final invoice: how it stood when it was issued, not what came of it.

    Raises `ValueError` for a draft.
    """
    if invoice.issued_at is None or invoice.due_at is None:
        raise ValueError("A draft is no document.")
    language = Language.of(locale=invoice.locale, time_zone=invoice.time_zone)
    words = language.words
    return Document(
        title=words.invoice,
        number=str(invoice.number),
        issued_at=invoice.issued_at,
        language=language,
        facts=(
            (words.number, str(invoice.number)),
            (words.date, language.date(invoice.issued_at)),
            (words.due, language.date(invoice.due_at)),
            (words.period, language.period(invoice.period_start, invoice.period_end)),
        ),
        parties=_parties(invoice, language),
        rows=tuple(_row(line, invoice.currency, language) for line in lines),
        sums=tuple(_sums(invoice, language)),
        notes=tuple(_notes(invoice, language)),
    )


def credit_note_document(
    *, note: CreditNote, lines: Sequence[CreditNoteLine], invoice: Invoice
) -> Document:
    """Return what stands on a credit note for the invoice; its lines know those they are of."""
    language = Language.of(locale=invoice.locale, time_zone=invoice.time_zone)
    words = language.words
    return Document(
        title=words.credit_note,
        number=note.number,
        issued_at=note.issued_at,
        language=language,
        facts=(
            (words.number, note.number),
            (words.date, language.date(note.issued_at)),
            (words.of_invoice, str(invoice.number)),
            (words.reason, note.reason),
        ),
        parties=_parties(note, language),
        rows=tuple(_credited(line, note.currency, language) for line in lines),
        sums=(
            Sum(label=words.credited, amount=language.money(note.net, note.currency)),
            Sum(label=words.tax_rate, amount=language.money(note.tax, note.currency)),
            Sum(label=words.total, amount=language.money(note.total, note.currency), strong=True),
        ),
        notes=tuple(_notes(invoice, language)),
    )


def _parties(row: Invoice | CreditNote, language: Language) -> tuple[Party, Party]:
    words = language.words
    return (
        Party(label=words.seller, lines=tuple(_party(row.seller, language))),
        Party(label=words.buyer, lines=tuple(_party(row.buyer, language))),
    )


def _party(said: Mapping[str, Any], language: Language) -> Iterable[str]:
    address = said.get("address") or []
    lines = address if isinstance(address, list) else _address(address)
    country = said.get("country", "")
    shown = [said.get("name", ""), *lines, language.locale.territories.get(country, country)]
    yield from (line for line in shown if line)
    if said.get("vat_id"):
        yield language.words.vat_id.format(id=said["vat_id"])


def _address(parts: Mapping[str, str]) -> Iterable[str]:
    yield parts.get("line1", "")
    yield parts.get("line2", "")
    yield " ".join(filter(None, (parts.get("postal_code"), parts.get("city"))))
    yield parts.get("state", "")


def _row(line: InvoiceLine, currency: str, language: Language) -> Row:
    below = language.period(line.period_start, line.period_end)
    if line.tax_inclusive:
        below += f" · {language.words.tax_included}"
    return Row(
        description=line.description,
        below=below,
        quantity=language.number(line.quantity),
        tax=_rate(line, language),
        amount=language.money(line.amount, currency),
    )


def _credited(row: CreditNoteLine, currency: str, language: Language) -> Row:
    line = row.line
    return Row(
        description=line.description,
        below=language.period(line.period_start, line.period_end),
        quantity="",
        tax=_rate(line, language),
        amount=language.money(row.net, currency),
    )


def _rate(line: InvoiceLine, language: Language) -> str:
    return _NOT_TAXED if line.tax_reason else language.percent(line.tax_rate)


def _sums(invoice: Invoice, language: Language) -> Iterable[Sum]:
    words = language.words

    def sum_of(label: str, amount: int, *, strong: bool = False) -> Sum:
        return Sum(label=label, amount=language.money(amount, invoice.currency), strong=strong)

    yield sum_of(words.subtotal, invoice.subtotal)
    if invoice.discount:
        yield sum_of(words.discount, -invoice.discount)
    for tax in invoice.taxes:
        if not tax["reason"]:
            rate = language.percent(Decimal(tax["rate"]))
            base = language.money(tax["base"], invoice.currency)
            yield sum_of(words.tax.format(rate=rate, base=base), tax["amount"])
    if invoice.to_balance:
        yield sum_of(words.to_balance, invoice.to_balance)
    yield sum_of(words.total, invoice.total, strong=not invoice.balance_used)
    if invoice.balance_used:
        yield sum_of(words.balance_used, -invoice.balance_used)
        yield sum_of(words.to_pay, invoice.total - invoice.balance_used, strong=True)


def _notes(invoice: Invoice, language: Language) -> Iterable[str]:
    words, countries = language.words, language.locale.territories
    seller = invoice.seller.get("country", "")
    said = {
        REVERSE_CHARGE: words.reverse_charge,
        EXEMPT: words.exempt.format(reason=invoice.buyer.get("tax_exempt_reason", "")),
        OUTSIDE: words.outside.format(country=countries.get(seller, seller)),
        NOT_REGISTERED: words.not_registered,
    }
    yield from (
        said[reason] for reason in said if any(t["reason"] == reason for t in invoice.taxes)
    )
    if invoice.memo:
        yield invoice.memo
