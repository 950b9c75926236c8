"""Credit notes: what is taken back of a final invoice, line by line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from django.db.models import Sum

from domains.billing.contract.invoice_errors import CreditRefused, InvoiceNotFound, InvoiceNotOpen
from domains.billing.contract.invoice_events import CreditNoteIssued
from domains.billing.models import (
    CreditNote,
    CreditNoteLine,
    Customer,
    Invoice,
    InvoiceLine,
    InvoiceState,
)
from domains.billing.services.arithmetic import (
    CreditLine,
    Taxation,
    Taxed,
    credit_gross,
    credit_note,
)
from domains.billing.services.invoicing import booking, crediting, ledger, numbers, snapshots
from domains.billing.services.invoicing.states import move, paid_event
from kernel.events import publish


class CreditTo(StrEnum):
    """Where goes what the invoice doesn't owe any more."""

    BALANCE = "balance"
    REFUND = "refund"


@dataclass(frozen=True, kw_only=True)
class CreditInput:
    """A line of the invoice, and how much of it: minor units without tax, None for all left."""

    line_id: UUID
    net: Decimal | None = None


def credit(
    *,
    organization_id: UUID,
    invoice_id: UUID,
    lines: Sequence[CreditInput],
    reason: str,
    to: CreditTo,
    now: datetime,
) -> CreditNote:
    """Take the lines back, in the caller's transaction, under the customer's lock.

    What the invoice still owes is taken off first. Of the rest goes back what money was paid for
    it (`to_refund`: the caller sends it), if that is wished; what remains is the customer's credit.
    Raises `InvoiceNotFound`, `InvoiceNotOpen` unless it is open or paid, and `CreditRefused` for
    lines of which too little is left.
    """
    invoice = _find(organization_id, invoice_id)
    charged = _charged(invoice, [line.line_id for line in lines])
    taken = _take(charged, lines)
    return _give(invoice, charged, taken, to=to, reason=reason, now=now)


def credit_amount(
    *,
    organization_id: UUID,
    invoice_id: UUID,
    gross: int,
    line_ids: Sequence[UUID] = (),
    reason: str,
    to: CreditTo,
    now: datetime,
) -> CreditNote:
    """Take back exactly so many minor units with tax, of the lines named (none: of all).

    It is divided by what is left of the lines; else as `credit`, whose errors it raises.
    """
    invoice = _find(organization_id, invoice_id)
    rows = _charged(invoice, line_ids or list(creditable(invoice)))
    left = [crediting.all_of(row) for row in rows]
    most = sum(each.gross.rounded for each in left)
    if not 0 < gross <= most:
        raise CreditRefused(f"{most} minor units of it are left.", pointer="/amount")
    taken = credit_gross(gross=gross, left=left)
    given = [i for i, part in enumerate(taken.lines) if part.gross.rounded]
    charged, parts = [rows[i] for i in given], tuple(taken.lines[i] for i in given)
    return _give(invoice, charged, Taxation(lines=parts), to=to, reason=reason, now=now)


def creditable(invoice: Invoice) -> dict[UUID, Taxed]:
    """Return by line what can be taken back of the invoice, in its order; nothing of the rest."""
    rows = InvoiceLine.objects.within(invoice.organization_id).filter(invoice=invoice)
    left = {row.id: crediting.all_of(row) for row in rows.order_by("position")}
    return {id_: part for id_, part in left.items() if part.net.rounded > 0}


def refundable(invoice: Invoice) -> int:
    """Return what was paid in money for the invoice and not sent back since, in minor units."""
    notes = CreditNote.objects.within(invoice.organization_id).filter(invoice=invoice)
    sent = notes.aggregate(sum=Sum("to_refund"))["sum"] or 0
    return max(invoice.paid - sent, 0)


def _give(
    invoice: Invoice,
    charged: Sequence[InvoiceLine],
    taken: Taxation,
    *,
    to: CreditTo,
    reason: str,
    now: datetime,
) -> CreditNote:
    note = _to_note(invoice, taken, to=to, reason=reason, now=now)
    ledger.post(groups=[booking.credited(note)], now=now)
    _record(note, charged, taken)
    _take_off(invoice, note, now)
    return note


def _find(organization_id: UUID, invoice_id: UUID) -> Invoice:
    invoice = Invoice.objects.within(organization_id).filter(id=invoice_id).first()
    if invoice is None:
        raise InvoiceNotFound
    if invoice.state not in (InvoiceState.OPEN, InvoiceState.PAID):
        raise InvoiceNotOpen(f"It is {invoice.state}.")
    return invoice


def _charged(invoice: Invoice, asked: Sequence[UUID]) -> list[InvoiceLine]:
    """Return the invoice's lines that are credited, in the order in which they were given."""
    rows = InvoiceLine.objects.within(invoice.organization_id).filter(invoice=invoice)
    by_id = {row.id: row for row in rows.order_by("position").select_for_update()}
    if not asked or len(set(asked)) < len(asked) or not set(asked) <= set(by_id):
        raise CreditRefused("Name lines of the invoice, each once.", pointer="/lines")
    return [by_id[line_id] for line_id in asked]


def _take(charged: Sequence[InvoiceLine], lines: Sequence[CreditInput]) -> Taxation:
    taken = credit_note(
        lines=[
            _wanted(line, crediting.all_of(row), pointer=f"/lines/{number}")
            for number, (row, line) in enumerate(zip(charged, lines, strict=True))
        ]
    )
    if not taken.gross.rounded:
        raise CreditRefused("Nothing is left of it, or less is asked for than can be paid.")
    return taken


def _wanted(line: CreditInput, left: Taxed, *, pointer: str) -> CreditLine:
    if line.net is None:
        return CreditLine(value=left.net.precise, left=left)
    if not 0 < line.net <= left.net.precise:
        raise CreditRefused(f"{left.net.rounded} minor units of it are left.", pointer=pointer)
    return CreditLine(value=line.net, left=left)


def _to_note(
    invoice: Invoice, taken: Taxation, *, to: CreditTo, reason: str, now: datetime
) -> CreditNote:
    customer = Customer.objects.within(invoice.organization_id).get()
    total = taken.gross.rounded
    to_invoice = min(total, invoice.due)
    to_refund = min(total - to_invoice, refundable(invoice)) if to == CreditTo.REFUND else 0
    (number,) = numbers.take(
        document=numbers.Document.CREDIT_NOTE, organization_ids=[invoice.organization_id], now=now
    )
    return CreditNote.objects.create(
        organization_id=invoice.organization_id,
        invoice=invoice,
        number=number,
        currency=invoice.currency,
        net=taken.net.rounded,
        tax=taken.tax.rounded,
        total=total,
        to_invoice=to_invoice,
        to_balance=total - to_invoice - to_refund,
        to_refund=to_refund,
        reason=reason,
        seller=snapshots.seller(),
        buyer=snapshots.buyer(customer),
        issued_at=now,
    )


def _record(note: CreditNote, charged: Sequence[InvoiceLine], taken: Taxation) -> None:
    rows = [
        CreditNoteLine(
            organization_id=note.organization_id,
            credit_note=note,
            line=line,
            net=part.net.rounded,
            tax=part.tax.rounded,
        )
        for line, part in zip(charged, taken.lines, strict=True)
    ]
    CreditNoteLine.objects.bulk_create(rows)
    crediting.record([(row.line_id, row.net, row.tax) for row in rows])
    publish(
        CreditNoteIssued(
            organization_id=note.organization_id,
            invoice_id=note.invoice_id,
            credit_note_id=note.id,
            number=note.number,
            total=note.total,
            currency=note.currency,
            reason=note.reason,
        )
    )


def _take_off(invoice: Invoice, note: CreditNote, now: datetime) -> None:
    """Have the invoice owe less; one that owes nothing any more is paid."""
    if not note.to_invoice:
        return
    invoice.credited += note.to_invoice
    if not invoice.due:
        move(invoice, InvoiceState.PAID)
        invoice.settled_at = now
        publish(paid_event(invoice))
    invoice.save(update_fields=["credited", "state", "settled_at"])
