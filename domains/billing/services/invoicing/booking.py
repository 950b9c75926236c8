"""Which accounts a thing moves: pure, one function for each kind of group in the ledger.

A debit is positive, a credit negative; each function's entries sum to zero. What stands where is
in docs/adr/0111-what-each-account-says.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from domains.billing.models import (
    CreditNote,
    Dispute,
    Invoice,
    LedgerAccount,
    PostingGroup,
    Refund,
)

Kind = PostingGroup.Kind


@dataclass(frozen=True, kw_only=True)
class Group:
    """One thing that happened to an organization's money, in minor units by account.

    `reference` names it among its kind for ever: the row's id, and which step of it.
    """

    organization_id: UUID
    kind: PostingGroup.Kind
    reference: str
    currency: str
    entries: Mapping[LedgerAccount, int]


def invoiced(invoice: Invoice) -> Group:
    """Return that the invoice is owed; what it credits beyond its charges is the customer's."""
    net = invoice.subtotal - invoice.discount
    return _group(
        invoice,
        Kind.INVOICE,
        {
            LedgerAccount.RECEIVABLE: invoice.total,
            LedgerAccount.REVENUE: -net,
            LedgerAccount.TAX: -invoice.tax,
            LedgerAccount.BALANCE: -invoice.to_balance,
        },
    )


def balance_used(invoice: Invoice) -> Group:
    """Return that the customer's credit pays a part of the invoice."""
    used = invoice.balance_used
    return _group(
        invoice,
        Kind.BALANCE,
        {LedgerAccount.BALANCE: used, LedgerAccount.RECEIVABLE: -used},
    )


def voided(invoice: Invoice) -> Group:
    """Return that the invoice is owed no more, and that the credit it used is the customer's."""
    return _group(
        invoice,
        Kind.VOID,
        {
            LedgerAccount.RECEIVABLE: -invoice.due,
            LedgerAccount.REVENUE: invoice.subtotal - invoice.discount,
            LedgerAccount.TAX: invoice.tax,
            LedgerAccount.BALANCE: -invoice.balance_used,
        },
    )


def written_off(invoice: Invoice) -> Group:
    """Return that what is due of the invoice is given up."""
    due = invoice.due
    return _group(
        invoice,
        Kind.WRITE_OFF,
        {LedgerAccount.WRITE_OFF: due, LedgerAccount.RECEIVABLE: -due},
    )


def paid(
    *,
    organization_id: UUID,
    reference: UUID,
    currency: str,
    amount: int,
    to_invoice: int,
    to_written_off: int = 0,
) -> Group:
    """Return that the amount was received: for an open invoice, one given up, or for nothing yet.

    What is for no invoice is the customer's credit.
    """
    return Group(
        organization_id=organization_id,
        kind=Kind.PAYMENT,
        reference=str(reference),
        currency=currency,
        entries={
            LedgerAccount.CASH: amount,
            LedgerAccount.RECEIVABLE: -to_invoice,
            LedgerAccount.WRITE_OFF: -to_written_off,
            LedgerAccount.BALANCE: to_invoice + to_written_off - amount,
        },
    )


def credited(note: CreditNote) -> Group:
    """Return that the credit note takes back what was earned, and where that goes."""
    return _group(
        note,
        Kind.CREDIT_NOTE,
        {
            LedgerAccount.REVENUE: note.net,
            LedgerAccount.TAX: note.tax,
            LedgerAccount.RECEIVABLE: -note.to_invoice,
            LedgerAccount.BALANCE: -note.to_balance,
            LedgerAccount.REFUNDS: -note.to_refund,
        },
    )


def refunded(refund: Refund) -> Group:
    """Return that the refund left."""
    return _refund(refund, "succeeded", to=LedgerAccount.CASH)


def refund_failed(refund: Refund) -> Group:
    """Return that the refund can't be sent: it is the customer's credit instead."""
    return _refund(refund, "failed", to=LedgerAccount.BALANCE)


def refund_returned(refund: Refund) -> Group:
    """Return that the refund had left and came back: it is the customer's credit now."""
    return Group(
        organization_id=refund.organization_id,
        kind=Kind.REFUND,
        reference=f"{refund.id} returned",
        currency=refund.intent.currency,
        entries={LedgerAccount.CASH: refund.amount, LedgerAccount.BALANCE: -refund.amount},
    )


def refund_of_credit(refund: Refund) -> Group:
    """Return that the customer's credit is to be sent back."""
    return Group(
        organization_id=refund.organization_id,
        kind=Kind.BALANCE,
        reference=f"refund {refund.id}",
        currency=refund.intent.currency,
        entries={LedgerAccount.BALANCE: refund.amount, LedgerAccount.REFUNDS: -refund.amount},
    )


def disputed(dispute: Dispute) -> Group:
    """Return that the payment is held back."""
    return _dispute(dispute, "opened", to=LedgerAccount.DISPUTED, by=LedgerAccount.CASH)


def dispute_won(dispute: Dispute) -> Group:
    """Return that what was held back is there again."""
    return _dispute(dispute, "won", to=LedgerAccount.CASH, by=LedgerAccount.DISPUTED)


def dispute_lost(dispute: Dispute) -> Group:
    """Return that what was held back is lost."""
    return _dispute(dispute, "lost", to=LedgerAccount.WRITE_OFF, by=LedgerAccount.DISPUTED)


def _group(
    row: Invoice | CreditNote, kind: PostingGroup.Kind, entries: dict[LedgerAccount, int]
) -> Group:
    return Group(
        organization_id=row.organization_id,
        kind=kind,
        reference=str(row.id),
        currency=row.currency,
        entries=entries,
    )


def _refund(refund: Refund, step: str, *, to: LedgerAccount) -> Group:
    return Group(
        organization_id=refund.organization_id,
        kind=Kind.REFUND,
        reference=f"{refund.id} {step}",
        currency=refund.intent.currency,
        entries={LedgerAccount.REFUNDS: refund.amount, to: -refund.amount},
    )


def _dispute(dispute: Dispute, step: str, *, to: LedgerAccount, by: LedgerAccount) -> Group:
    return Group(
        organization_id=dispute.organization_id,
        kind=Kind.DISPUTE,
        reference=f"{dispute.id} {step}",
        currency=dispute.intent.currency,
        entries={to: dispute.amount, by: -dispute.amount},
    )
