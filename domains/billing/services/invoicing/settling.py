"""What becomes of a final invoice: paid, voided or written off.

The customer's row must be locked by the caller (`lock_customer`): payments, credit notes and
changes of the plan all wait for it.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from domains.billing.contract.invoice_errors import InvoiceNotFound, InvoiceNotOpen
from domains.billing.contract.invoice_events import InvoiceVoided, InvoiceWrittenOff
from domains.billing.models import Invoice, InvoiceLine, InvoiceState, PaymentIntent
from domains.billing.services.invoicing import booking, crediting, ledger
from domains.billing.services.invoicing.states import move, paid_event
from kernel.events import publish


def record_payment(*, invoice_id: UUID | None, intent: PaymentIntent, now: datetime) -> int:
    """Record the intent's money, which was received; return what of it paid the invoice.

    Money for an invoice that was given up pays it nonetheless. What the invoice doesn't need, and
    all of it where there is no invoice, is the customer's credit. A payment is recorded once:
    `IntegrityError` otherwise. Raises `InvoiceNotFound`.
    """
    invoice = _find(intent.organization_id, invoice_id) if invoice_id else None
    needed = _needed(invoice, intent)
    given_up = invoice is not None and invoice.state == InvoiceState.UNCOLLECTIBLE
    group = booking.paid(
        organization_id=intent.organization_id,
        reference=intent.id,
        currency=intent.currency,
        amount=intent.amount,
        to_invoice=0 if given_up else needed,
        to_written_off=needed if given_up else 0,
    )
    ledger.post(groups=[group], now=now)
    if invoice is not None and needed:
        invoice.paid += needed
        _close_if_nothing_is_due(invoice, now)
    return needed


def void(*, organization_id: UUID, invoice_id: UUID, reason: str, now: datetime) -> Invoice:
    """Have the open invoice be owed no more; the credit it used and what it credited are undone.

    Raises `InvoiceNotFound`, and `InvoiceNotOpen` for one of which anything was paid or taken back:
    that is for a credit note.
    """
    invoice = _find(organization_id, invoice_id)
    move(invoice, InvoiceState.VOID)
    if invoice.paid or invoice.credited:
        raise InvoiceNotOpen("A part of it was paid or credited: give a credit note.")
    ledger.post(groups=[booking.voided(invoice)], now=now)
    _take_back_credits(invoice)
    _settle(invoice, now)
    publish(
        InvoiceVoided(
            organization_id=organization_id,
            invoice_id=invoice.id,
            number=str(invoice.number),
            reason=reason,
        )
    )
    return invoice


def write_off(*, organization_id: UUID, invoice_id: UUID, reason: str, now: datetime) -> Invoice:
    """Give up what is due of the open invoice. Raises `InvoiceNotFound` and `InvoiceNotOpen`."""
    invoice = _find(organization_id, invoice_id)
    move(invoice, InvoiceState.UNCOLLECTIBLE)
    ledger.post(groups=[booking.written_off(invoice)], now=now)
    _settle(invoice, now)
    publish(
        InvoiceWrittenOff(
            organization_id=organization_id,
            invoice_id=invoice.id,
            number=str(invoice.number),
            amount=invoice.due,
            currency=invoice.currency,
            reason=reason,
        )
    )
    return invoice


def _find(organization_id: UUID, invoice_id: UUID) -> Invoice:
    invoice = Invoice.objects.within(organization_id).filter(id=invoice_id).first()
    if invoice is None:
        raise InvoiceNotFound
    return invoice


def _needed(invoice: Invoice | None, intent: PaymentIntent) -> int:
    payable = (InvoiceState.OPEN, InvoiceState.UNCOLLECTIBLE)
    if invoice is None or invoice.state not in payable or invoice.currency != intent.currency:
        return 0
    return min(invoice.due, intent.amount)


def _close_if_nothing_is_due(invoice: Invoice, now: datetime) -> None:
    if not invoice.due:
        move(invoice, InvoiceState.PAID)
        invoice.settled_at = now
        publish(paid_event(invoice))
    invoice.save(update_fields=["state", "paid", "settled_at"])


def _settle(invoice: Invoice, now: datetime) -> None:
    invoice.settled_at = now
    invoice.save(update_fields=["state", "settled_at"])


def _take_back_credits(invoice: Invoice) -> None:
    lines = InvoiceLine.objects.within(invoice.organization_id).filter(invoice=invoice)
    reversing = lines.filter(reverses__isnull=False)
    crediting.record(reversing.values_list("reverses_id", "net", "tax"))
