"""Invoices and credit notes against the ledger: what is owed, and what came of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Sum

from domains.billing.contract.data import BooksDiffer
from domains.billing.models import (
    CreditNote,
    Invoice,
    InvoiceLine,
    InvoiceState,
    LedgerAccount,
    PaymentIntent,
    PaymentState,
    PostingGroup,
)
from domains.billing.services.invoicing import booking
from domains.billing.services.invoicing.booking import Group
from domains.billing.services.invoicing.verification.books import (
    Books,
    Posted,
    batches,
    differs,
)

Kind = PostingGroup.Kind
R = TypeVar("R", CreditNote, PaymentIntent)


def of_invoices(books: Books) -> Iterator[BooksDiffer]:
    """Yield the invoices and credit notes of which lines, ledger and columns don't say the same."""
    for invoices in batches(books.rows(Invoice.objects).exclude(state=InvoiceState.DRAFT)):
        yield from _lines(books, invoices)
        notes = _by_invoice(books.rows(CreditNote.objects).filter(invoice__in=invoices))
        payments = books.rows(PaymentIntent.objects).filter(state=PaymentState.SUCCEEDED)
        paid = _by_invoice(payments.filter(invoice__in=invoices))
        all_notes = list(chain.from_iterable(notes.values()))
        rows: Iterable[Any] = chain(invoices, all_notes, *paid.values())
        posted = books.posted(row.id for row in rows)
        groups = chain.from_iterable(map(_groups_of, invoices))
        yield from books.compare(chain(groups, map(booking.credited, all_notes)), posted)
        for invoice in invoices:
            key = (Kind.WRITE_OFF.value, str(invoice.id), invoice.currency)
            books.expected[Kind.WRITE_OFF] += key in posted
            yield from _columns(invoice, notes[invoice.id], paid[invoice.id], posted)


def _by_invoice(rows: Iterable[R]) -> Mapping[UUID | None, list[R]]:
    found: defaultdict[UUID | None, list[R]] = defaultdict(list)
    for row in rows:
        found[row.invoice_id].append(row)
    return found


def _lines(books: Books, invoices: Sequence[Invoice]) -> Iterator[BooksDiffer]:
    lines = books.rows(InvoiceLine.objects).filter(invoice__in=invoices)
    sums = lines.values_list("invoice_id").annotate(net=Sum("net"), tax=Sum("tax")).order_by()
    found = {invoice_id: (net, tax) for invoice_id, net, tax in sums}
    for invoice in invoices:
        expected = (invoice.subtotal - invoice.discount, invoice.tax)
        yield from differs(
            f"lines of {invoice} (net, tax)",
            expected=expected,
            found=found.get(invoice.id, (0, 0)),
        )


def _groups_of(invoice: Invoice) -> list[Group]:
    groups = [booking.invoiced(invoice), booking.balance_used(invoice)]
    if invoice.state == InvoiceState.VOID:
        groups.append(booking.voided(invoice))
    return groups


def _columns(
    invoice: Invoice,
    notes: Sequence[CreditNote],
    payments: Sequence[PaymentIntent],
    posted: Posted,
) -> Iterator[BooksDiffer]:
    """Yield where the ledger says another amount than the invoice's columns."""
    own = (Kind.INVOICE, Kind.BALANCE, Kind.VOID, Kind.WRITE_OFF)
    received = _sums(invoice, [(Kind.PAYMENT, row) for row in payments], posted)
    others = [(Kind.CREDIT_NOTE, row) for row in notes]
    sums = _sums(invoice, [*((kind, invoice) for kind in own), *others], posted)
    owed = sums[LedgerAccount.RECEIVABLE] + received[LedgerAccount.RECEIVABLE]
    given_up = sums[LedgerAccount.WRITE_OFF] + received[LedgerAccount.WRITE_OFF]
    paid = -received[LedgerAccount.RECEIVABLE] - received[LedgerAccount.WRITE_OFF]
    is_open = invoice.state == InvoiceState.OPEN
    is_given_up = invoice.state == InvoiceState.UNCOLLECTIBLE
    for what, expected, found in (
        ("owed", invoice.due if is_open else 0, owed),
        ("written off", invoice.due if is_given_up else 0, given_up),
        ("paid", invoice.paid, paid),
        ("credited", invoice.credited, sum(note.to_invoice for note in notes)),
    ):
        yield from differs(f"{what} of {invoice}", expected=expected, found=found)


def _sums(
    invoice: Invoice, groups: Iterable[tuple[PostingGroup.Kind, Any]], posted: Posted
) -> Mapping[str, int]:
    """Return what these rows' groups moved, by account."""
    sums: defaultdict[str, int] = defaultdict(int)
    for kind, row in groups:
        entries = posted.get((kind.value, str(row.id), invoice.currency), {})
        for account, amount in entries.items():
            sums[account] += amount
    return sums
