"""Invoices and credit notes as those who may see them do."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from domains.billing.contract.invoice_errors import CreditNoteNotFound, InvoiceNotFound
from domains.billing.contract.permissions import INVOICE_READ
from domains.billing.models import CreditNote, CreditNoteLine, Invoice, InvoiceLine, InvoiceState
from domains.billing.services.arithmetic import Money
from domains.billing.services.invoicing import ledger
from domains.billing.services.invoicing.pdf import documents
from kernel.principal import Principal


@dataclass(frozen=True, kw_only=True)
class File:
    """A document on paper."""

    name: str
    content: bytes


def list_invoices(*, principal: Principal) -> QuerySet[Invoice]:
    """Return the current organization's invoices for paging; drafts are nobody's business yet.

    Raises `Forbidden`.
    """
    principal.require(INVOICE_READ)
    return _final(principal.organization_id)


def get_invoice(*, principal: Principal, invoice_id: UUID) -> Invoice:
    """Return one invoice, its lines prefetched. Raises `InvoiceNotFound` and `Forbidden`."""
    rows = _final(*principal.organization_ids).filter(id=invoice_id)
    invoice = rows.prefetch_related("lines").first()
    if invoice is None:
        raise InvoiceNotFound
    principal.require(INVOICE_READ, organization_id=invoice.organization_id)
    return invoice


def get_invoice_pdf(*, principal: Principal, invoice_id: UUID) -> File:
    """Return the invoice on paper. Raises `InvoiceNotFound` and `Forbidden`."""
    invoice = get_invoice(principal=principal, invoice_id=invoice_id)
    document = documents.invoice_document(invoice=invoice, lines=lines_of(invoice))
    return _on_paper(document, name=invoice.number)


def list_credit_notes(*, principal: Principal) -> QuerySet[CreditNote]:
    """Return the current organization's credit notes for paging. Raises `Forbidden`."""
    principal.require(INVOICE_READ)
    return CreditNote.objects.within(principal.organization_id)


def get_credit_note(*, principal: Principal, credit_note_id: UUID) -> CreditNote:
    """Return one credit note, its lines prefetched. Raises `CreditNoteNotFound` and `Forbidden`."""
    rows = CreditNote.objects.within(*principal.organization_ids).filter(id=credit_note_id)
    note = rows.prefetch_related("lines__line").select_related("invoice").first()
    if note is None:
        raise CreditNoteNotFound
    principal.require(INVOICE_READ, organization_id=note.organization_id)
    return note


def get_credit_note_pdf(*, principal: Principal, credit_note_id: UUID) -> File:
    """Return the credit note on paper. Raises `CreditNoteNotFound` and `Forbidden`."""
    note = get_credit_note(principal=principal, credit_note_id=credit_note_id)
    document = documents.credit_note_document(
        note=note, lines=credited_lines_of(note), invoice=note.invoice
    )
    return _on_paper(document, name=note.number)


def get_balance(*, principal: Principal) -> list[Money]:
    """Return the current organization's credit, by currency. Raises `Forbidden`."""
    principal.require(INVOICE_READ)
    credit = ledger.balances(organization_ids=[principal.organization_id])
    return [
        Money(amount=amount, currency=currency) for (_, currency), amount in sorted(credit.items())
    ]


def lines_of(invoice: Invoice) -> list[InvoiceLine]:
    """Return the invoice's lines, prefetched or not, in their order."""
    return sorted(invoice.lines.all(), key=lambda line: line.position)


def credited_lines_of(note: CreditNote) -> list[CreditNoteLine]:
    """Return the credit note's lines in the order of those of the invoice."""
    return sorted(note.lines.all(), key=lambda row: row.line.position)


def _on_paper(document: documents.Document, *, name: str | None) -> File:
    # 29 MB of memory, for processes that never draw.
    from domains.billing.services.invoicing.pdf import drawing

    return File(name=f"{name}.pdf", content=drawing.draw(document))


def _final(*organization_ids: UUID) -> QuerySet[Invoice]:
    return Invoice.objects.within(*organization_ids).exclude(state=InvoiceState.DRAFT)
