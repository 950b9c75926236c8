"""Telling in time that a card expires."""

from __future__ import annotations

from datetime import datetime, timedelta

from domains.billing.contract.payment_events import PaymentMethodExpiring
from domains.billing.models import PaymentMethod
from kernel.db import transaction
from kernel.events import publish

TOLD_BEFORE = timedelta(days=30)
TOLD_AT_ONCE = 500


def tell_of_expiry(*, now: datetime) -> int:
    """Tell of default cards that expire soon, each once; return how many were told of."""
    with transaction("billing"):
        due = PaymentMethod.objects.everywhere().filter(
            is_default=True,
            detached_at=None,
            expiry_told_at=None,
            expires_on__lte=(now + TOLD_BEFORE).date(),
        )
        rows = list(due.order_by("id").select_for_update(skip_locked=True)[:TOLD_AT_ONCE])
        ids = [row.id for row in rows]
        PaymentMethod.objects.everywhere().filter(id__in=ids).update(expiry_told_at=now)
        publish(*(_to_event(row) for row in rows))
    return len(rows)


def _to_event(method: PaymentMethod) -> PaymentMethodExpiring:
    assert method.expires_on is not None  # noqa: S101  the query chose those that expire
    return PaymentMethodExpiring(
        organization_id=method.organization_id,
        payment_method_id=method.id,
        brand=method.brand,
        last4=method.last4,
        expires_on=method.expires_on,
    )
