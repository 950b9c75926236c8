"""Taking money for invoices: in bulk, in the transaction that issued them, at a bounded rate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings

from domains.billing.models import (
    Invoice,
    InvoiceState,
    PaymentIntent,
    PaymentMethod,
    PaymentState,
)
from domains.billing.services.payments import dunning, methods, providers
from kernel.jobs import ring


def collect(*, invoices: Sequence[Invoice], now: datetime, off_session: bool) -> list[Invoice]:
    """Have what is due on the open invoices paid by each organization's default method.

    In the caller's transaction. An invoice that can't be charged for now is left to dunning: at
    once without a method; later where another payment of the organization is under way, or where
    money comes by bank transfer. Returns those that there is nothing to pay with.
    """
    owed = [each for each in invoices if each.state == InvoiceState.OPEN and each.due > 0]
    if not providers.takes_money():
        dunning.wait(invoices=owed, now=now)
        return []
    usable = methods.defaults_of(organization_ids={each.organization_id for each in owed})
    payable = [each for each in owed if each.organization_id in usable]
    opened = _open(payable, usable, now=now, off_session=off_session)
    late = [each for each in payable if each.id not in opened]
    dunning.wait(invoices=late, now=now, until=now + dunning.ANOTHER_PAYMENT_FIRST)
    helpless = [each for each in owed if each.organization_id not in usable]
    dunning.wait(invoices=helpless, now=now, until=now)
    if helpless:
        ring("billing.advance_due_dunnings")
    if opened:
        ring("billing.carry_out_due_payments")
    return helpless


def _open(
    invoices: Sequence[Invoice],
    usable: Mapping[UUID, PaymentMethod],
    *,
    now: datetime,
    off_session: bool,
) -> set[UUID]:
    """Write the intents, spread over the time that the rate gives them; return whose invoices."""
    quota, window = settings.PAYMENT_RATE
    apart = timedelta(seconds=window) / quota
    start = now + apart * _waiting(now) if len(invoices) > 1 else now
    rows = [
        PaymentIntent(
            organization_id=invoice.organization_id,
            invoice=invoice,
            amount=invoice.due,
            currency=invoice.currency,
            provider=usable[invoice.organization_id].provider,
            payment_method=usable[invoice.organization_id].reference,
            off_session=off_session,
            created_at=now,
            due_at=start + apart * position,
        )
        for position, invoice in enumerate(invoices)
    ]
    PaymentIntent.objects.bulk_create(rows, ignore_conflicts=True)
    written = PaymentIntent.objects.everywhere().filter(id__in=[row.id for row in rows])
    return {invoice for invoice in written.values_list("invoice_id", flat=True) if invoice}


def _waiting(now: datetime) -> int:
    waiting = PaymentIntent.objects.everywhere().filter(
        state=PaymentState.PENDING, off_session=True, due_at__gt=now
    )
    return waiting.count()
