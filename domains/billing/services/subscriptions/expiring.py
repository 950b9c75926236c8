"""Giving up subscriptions whose first payment never came."""

from __future__ import annotations

from datetime import datetime

from domains.billing.models import OPEN_STATES, PaymentIntent, Subscription, SubscriptionState
from domains.billing.services.customers import lock_customer
from domains.billing.services.subscriptions.ending import expire
from kernel.db import transaction


def expire_due(*, now: datetime) -> None:
    """Expire what is incomplete for too long; a payment that is still open is waited for."""
    due = Subscription.objects.everywhere().filter(
        state=SubscriptionState.INCOMPLETE, expires_at__lte=now
    )
    for organization_id, id_ in due.values_list("organization_id", "id"):
        with transaction("billing"):
            lock_customer(organization_id=organization_id, now=now)
            row = Subscription.objects.within(organization_id).get(id=id_)
            payments = PaymentIntent.objects.within(organization_id)
            is_open = payments.filter(state__in=OPEN_STATES).exists()
            if row.state == SubscriptionState.INCOMPLETE and not is_open:
                expire(row, plan="", now=now)
