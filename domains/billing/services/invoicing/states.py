"""Which state of an invoice may follow which."""

from __future__ import annotations

from collections.abc import Mapping

from domains.billing.contract.invoice_errors import InvoiceNotOpen
from domains.billing.contract.invoice_events import InvoicePaid
from domains.billing.models import Invoice, InvoiceState

TRANSITIONS: Mapping[InvoiceState, frozenset[InvoiceState]] = {
    InvoiceState.DRAFT: frozenset({InvoiceState.OPEN, InvoiceState.PAID}),
    InvoiceState.OPEN: frozenset(
        {InvoiceState.PAID, InvoiceState.VOID, InvoiceState.UNCOLLECTIBLE}
    ),
    # A customer may still pay what was given up.
    InvoiceState.UNCOLLECTIBLE: frozenset({InvoiceState.PAID}),
    InvoiceState.PAID: frozenset(),
    InvoiceState.VOID: frozenset(),
}


def move(invoice: Invoice, state: InvoiceState) -> None:
    """Set the invoice's state; raise `InvoiceNotOpen` if the table doesn't have the step."""
    if state not in TRANSITIONS[InvoiceState(invoice.state)]:
        raise InvoiceNotOpen(f"It is {invoice.state}, and can't become {state}.")
    invoice.state = state


def paid_event(invoice: Invoice) -> InvoicePaid:
    """Return what is to be said once nothing of the invoice is due."""
    return InvoicePaid(
        organization_id=invoice.organization_id,
        invoice_id=invoice.id,
        number=str(invoice.number),
        total=invoice.total,
        currency=invoice.currency,
    )
