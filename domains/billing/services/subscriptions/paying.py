"""What becomes of a subscription when a payment for it ends."""

from __future__ import annotations

from datetime import datetime

from domains.billing.models import PaymentIntent
from domains.billing.services.customers import lock_customer
from domains.billing.services.subscriptions.activation import activate


def on_paid(*, intent: PaymentIntent, now: datetime) -> None:
    """Give the customer what the payment is for, in the transaction that settles it."""
    customer = lock_customer(organization_id=intent.organization_id, now=now)
    if intent.account_id is not None:
        activate(customer, plan=intent.plan, account_id=intent.account_id, now=now)


def on_failed(*, intent: PaymentIntent, now: datetime) -> None:
    """Leave the plan in force as it was."""
