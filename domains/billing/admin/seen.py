"""How a row stood when a form about it was opened: what says whether it still does."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from domains.billing.contract.errors import ChangedMeanwhile
from domains.billing.models import Customer, PaymentIntent, Subscription
from domains.billing.services.customers import lock_customer
from domains.billing.services.subscriptions.ending import find_live


def of(row: Any) -> str:
    """Return what is another as soon as anything happens that a deed to the row must know."""
    if isinstance(row, Subscription):
        return f"{row.id} {row.version} {row.state}"
    if isinstance(row, Customer):
        live = find_live(organization_id=row.organization_id)
        return of(live) if live else "none"
    if isinstance(row, PaymentIntent):
        return f"{row.state} {row.refunded} {_newest(row.refunds)}"
    return f"{row.state} {row.paid} {row.credited} {_newest(row.credit_notes)}"


def require(row: Any, seen: str, *, now: datetime) -> None:
    """Lock the row's customer, and raise `ChangedMeanwhile` unless it is as it was seen.

    In the caller's transaction.
    """
    customer = lock_customer(organization_id=row.organization_id, now=now)
    if isinstance(row, Customer):
        row.pk = customer.pk
    else:
        row.refresh_from_db()
    if of(row) != seen:
        raise ChangedMeanwhile("Perhaps it was your first click: go back and look.")


def _newest(rows: Any) -> Any:
    """Return the id of the last one made: sums may be again what they were."""
    return rows.order_by("-id").values_list("id", flat=True).first()
