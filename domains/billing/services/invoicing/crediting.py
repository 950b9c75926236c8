"""What is left of a charge to give back, and counting what was given."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db import connections

from domains.billing.models import Invoice, InvoiceLine, InvoiceState
from domains.billing.services.arithmetic import Amount, Taxed, TaxRate

_OWED = (InvoiceState.OPEN, InvoiceState.UNCOLLECTIBLE)
# The CHECK on the columns refuses what would be more than was charged.
_COUNT = """
    UPDATE invoice_line SET credited = credited + given.net, credited_tax = credited_tax + given.tax
    FROM unnest(%(ids)s::uuid[], %(nets)s::bigint[], %(taxes)s::bigint[]) AS given (id, net, tax)
    WHERE invoice_line.id = given.id
"""


def left_of(*, organization_id: UUID, line_ids: Sequence[UUID]) -> dict[UUID, Taxed]:
    """Return by line what can still be credited of it: what was paid of it, less what was credited.

    Lines that are unknown, or of which nothing is left, are left out.
    """
    rows = InvoiceLine.objects.within(organization_id).filter(id__in=line_ids)
    left = {row.id: paid_part_of(row) for row in rows.select_related("invoice")}
    return {id_: part for id_, part in left.items() if part.net.rounded > 0}


def paid_part_of(line: InvoiceLine) -> Taxed:
    """Return what can be credited of the line in exchange for money: all, once it is paid."""
    invoice = line.invoice
    if invoice.state == InvoiceState.PAID:
        return all_of(line)
    given = invoice.paid + invoice.balance_used
    return _taxed(
        line,
        net=max(_share(line.net, given, invoice) - line.credited, 0),
        tax=max(_share(line.tax, given, invoice) - line.credited_tax, 0),
    )


def all_of(line: InvoiceLine) -> Taxed:
    """Return what is left of the line, whether or not it was paid."""
    return _taxed(line, net=line.net - line.credited, tax=line.tax - line.credited_tax)


def count(lines: Iterable[InvoiceLine]) -> None:
    """Count these lines of new invoices at the charges that they credit."""
    record([(each.reverses_id, -each.net, -each.tax) for each in lines if each.reverses_id])


def record(given: Iterable[tuple[UUID, int, int]]) -> None:
    """Count that so much (net, tax) of these charges was given back; below zero, taken back."""
    nets: Counter[UUID] = Counter()
    taxes: Counter[UUID] = Counter()
    for line_id, net, tax in given:
        nets[line_id] += net
        taxes[line_id] += tax
    if not nets:
        return
    values: dict[str, Any] = {
        "ids": list(nets),
        "nets": list(nets.values()),
        "taxes": list(taxes.values()),
    }
    with connections["billing"].cursor() as cursor:
        cursor.execute(_COUNT, values)


def _taxed(line: InvoiceLine, *, net: int, tax: int) -> Taxed:
    rate = TaxRate(rate=line.tax_rate, reason=line.tax_reason)
    return Taxed(rate=rate, net=Amount.of(net), tax=Amount.of(tax))


def _share(amount: int, given: int, invoice: Invoice) -> int:
    return amount * given // invoice.total if invoice.state in _OWED and invoice.total else 0
