"""Time that was charged and neither paid nor used: what is owed for it is owed no more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domains.billing.models import Subscription
from domains.billing.services.invoicing import credit_notes
from domains.billing.services.invoicing.credit_notes import CreditInput, CreditTo
from domains.billing.services.subscriptions import lines, loading
from domains.billing.services.subscriptions.items import Charged, Run

REASON = "For the time that is left"


def without_owed(run: Run, owed: Iterable[loading.Owed]) -> Run:
    """Return the run without the charges of open invoices, which credit notes take back."""
    ids = {each.charged.line_id for each in owed}
    return replace(run, charged=tuple(each for each in run.charged if each.line_id not in ids))


def take_down(
    subscription: Subscription,
    run: Run,
    owed: Iterable[loading.Owed],
    *,
    at: datetime,
    credited: Mapping[UUID, int] | None = None,
    now: datetime,
) -> None:
    """Credit what open invoices charge for the time after the instant, under the customer's lock.

    It takes down what is due of them; what of a part payment is then too much is the customer's.
    `credited` is what was given back of these charges just now, by another invoice.
    """
    by_invoice: dict[UUID, list[CreditInput]] = defaultdict(list)
    given = credited or {}
    for each in owed:
        net = _unused(each.charged, run, at=at) - given.get(each.charged.line_id, 0)
        if net > 0:
            by_invoice[each.invoice_id].append(CreditInput(line_id=each.charged.line_id, net=net))
    for invoice_id, inputs in by_invoice.items():
        credit_notes.credit(
            organization_id=subscription.organization_id,
            invoice_id=invoice_id,
            lines=inputs,
            reason=REASON,
            to=CreditTo.BALANCE,
            now=now,
        )


def _unused(charged: Charged, run: Run, *, at: datetime) -> Decimal:
    item = next(item for item in run.items if item.id == charged.item_id)
    unused = lines.give_back(
        charged, item, at=at, time_zone=run.schedule.time_zone, consumed=run.consumed
    )
    return min(-unused.precise, charged.left.net.precise)
