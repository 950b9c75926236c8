"""Making invoices final, many at once: numbers, snapshots, lines, books, events.

Nothing of an invoice changes afterwards but how it is paid. All rows of a call are one statement a
table, and the numbers, whose sequence others wait for, are taken last.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from domains.billing.contract.invoice_events import InvoiceIssued
from domains.billing.models import Customer, Invoice, InvoiceLine, InvoiceState
from domains.billing.services.invoicing import booking, crediting, ledger, numbers, snapshots
from domains.billing.services.invoicing.drafting import DraftLine, InvoiceDraft
from domains.billing.services.invoicing.states import paid_event
from kernel import bulk
from kernel.events import publish
from kernel.ids import uuid7


@dataclass(frozen=True, kw_only=True)
class NewInvoice:
    """A draft that is to become an invoice of a customer, due at an instant.

    With `finalizes`, it is the invoice that has been a draft under that id.
    """

    organization_id: UUID
    subscription_id: UUID | None
    cause: Invoice.Cause
    draft: InvoiceDraft
    period_start: datetime
    period_end: datetime
    due_at: datetime
    memo: str = ""
    finalizes: UUID | None = None


def issue(*, invoices: Sequence[NewInvoice], now: datetime) -> list[Invoice]:
    """Make the invoices final, in the order given, in the caller's transaction; return them.

    The customers (which must exist) are locked, and their credit pays what it can; what leaves
    nothing due is paid at once. `invoice_one_renewal_a_period` refuses a renewal that was invoiced
    before, and `invoice_line_not_credited_beyond` a credit beyond its charge: `IntegrityError`.
    """
    customers = _lock({new.organization_id for new in invoices})
    rows = [_to_row(new, customers[new.organization_id], now) for new in invoices]
    _use_balances(rows, now)
    lines = list(_to_lines(rows, invoices))
    crediting.count(lines)
    bulk.insert(lines)
    ledger.post(groups=list(_groups(rows)), now=now)
    _number(rows, now)
    _write(rows, {new.finalizes for new in invoices})
    publish(*_events(rows))
    return rows


def _lock(organization_ids: Iterable[UUID]) -> dict[UUID, Customer]:
    rows = Customer.objects.within(*organization_ids).order_by("organization_id")
    return {row.organization_id: row for row in rows.select_for_update()}


def _to_row(new: NewInvoice, customer: Customer, now: datetime) -> Invoice:
    draft = new.draft
    return Invoice(
        id=new.finalizes or uuid7(),
        organization_id=new.organization_id,
        subscription_id=new.subscription_id,
        state=InvoiceState.OPEN,
        cause=new.cause,
        currency=draft.currency,
        period_start=new.period_start,
        period_end=new.period_end,
        subtotal=draft.subtotal,
        discount=draft.discount,
        tax=draft.tax,
        to_balance=draft.to_balance,
        total=draft.total,
        taxes=[{**asdict(each), "rate": str(each.rate)} for each in draft.taxes],
        seller=snapshots.seller(),
        buyer=snapshots.buyer(customer),
        time_zone=customer.time_zone,
        locale=customer.locale,
        created_at=now,
        issued_at=now,
        due_at=new.due_at,
        memo=new.memo,
    )


def _use_balances(rows: Sequence[Invoice], now: datetime) -> None:
    """Have the customers' credit pay what it can; credit of one invoice pays the next."""
    credit: dict[tuple[UUID, str], int] = defaultdict(int)
    credit |= ledger.balances(organization_ids=[row.organization_id for row in rows])
    for row in rows:
        whose = (row.organization_id, row.currency)
        row.balance_used = min(max(credit[whose], 0), row.total)
        credit[whose] += row.to_balance - row.balance_used
        if not row.due:
            row.state, row.settled_at = InvoiceState.PAID, now


def _to_lines(rows: Sequence[Invoice], invoices: Sequence[NewInvoice]) -> Iterable[InvoiceLine]:
    for row, new in zip(rows, invoices, strict=True):
        for position, line in enumerate(new.draft.lines, start=1):
            yield to_line(row, position, line)


def to_line(invoice: Invoice, position: int, line: DraftLine) -> InvoiceLine:
    """Return the row of the line at that place of the invoice."""
    return InvoiceLine(
        organization_id=invoice.organization_id,
        invoice=invoice,
        position=position,
        kind=line.kind,
        description=line.description,
        product=line.product,
        price_id=line.price_id,
        quantity=line.quantity,
        precise=line.precise,
        amount=line.amount,
        tax_inclusive=line.tax_inclusive,
        discount=line.discount,
        net=line.net,
        tax_rate=line.tax_rate,
        tax_reason=line.tax_reason,
        tax=line.tax,
        period_start=line.period_start,
        period_end=line.period_end,
        reverses_id=line.reverses,
        details=line.details,
    )


def _groups(rows: Iterable[Invoice]) -> Iterable[booking.Group]:
    for row in rows:
        yield booking.invoiced(row)
        yield booking.balance_used(row)


def _number(rows: Sequence[Invoice], now: datetime) -> None:
    owners = [row.organization_id for row in rows]
    taken = numbers.take(document=numbers.Document.INVOICE, organization_ids=owners, now=now)
    for row, number in zip(rows, taken, strict=True):
        row.number = number


def _write(rows: Sequence[Invoice], drafts: Collection[UUID | None]) -> None:
    bulk.insert([row for row in rows if row.id not in drafts])
    for row in rows:
        if row.id in drafts:
            row.save(force_update=True)


def _events(rows: Iterable[Invoice]) -> Iterable[object]:
    for row in rows:
        yield InvoiceIssued(
            organization_id=row.organization_id,
            invoice_id=row.id,
            number=str(row.number),
            total=row.total,
            currency=row.currency,
            due=row.due,
        )
        if row.state == InvoiceState.PAID:
            yield paid_event(row)
