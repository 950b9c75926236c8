"""What happened to invoices, and to whom they go."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from kernel.events import event


@event("billing.invoice_issued.v1", aggregate="invoice_id")
@dataclass(frozen=True, kw_only=True)
class InvoiceIssued:
    """An invoice is final; `due` of its `total` is still to be paid, in minor units."""

    organization_id: UUID
    invoice_id: UUID
    number: str
    total: int
    currency: str
    due: int


@event("billing.invoice_paid.v1", aggregate="invoice_id")
@dataclass(frozen=True, kw_only=True)
class InvoicePaid:
    """Nothing of an invoice is due any more, by money, the customer's credit or credit notes."""

    organization_id: UUID
    invoice_id: UUID
    number: str
    total: int
    currency: str


@event("billing.invoice_voided.v1", aggregate="invoice_id")
@dataclass(frozen=True, kw_only=True)
class InvoiceVoided:
    """An open invoice is owed no more, as if it had never been; its number stays."""

    organization_id: UUID
    invoice_id: UUID
    number: str
    reason: str


@event("billing.invoice_written_off.v1", aggregate="invoice_id")
@dataclass(frozen=True, kw_only=True)
class InvoiceWrittenOff:
    """What is due of an invoice (`amount`) is not waited for any more."""

    organization_id: UUID
    invoice_id: UUID
    number: str
    amount: int
    currency: str
    reason: str


@event("billing.credit_note_issued.v1", aggregate="invoice_id")
@dataclass(frozen=True, kw_only=True)
class CreditNoteIssued:
    """A credit note takes back `total` of an invoice."""

    organization_id: UUID
    invoice_id: UUID
    credit_note_id: UUID
    number: str
    total: int
    currency: str
    reason: str


@event("billing.profile_changed.v1", aggregate="organization_id")
@dataclass(frozen=True, kw_only=True)
class ProfileChanged:
    """The organization is billed under another name, address, VAT id…; `fields` says which."""

    organization_id: UUID
    account_id: UUID | None
    fields: tuple[str, ...]
