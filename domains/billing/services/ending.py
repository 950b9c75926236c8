"""The end of a subscription whose organization was erased.

Payments stay: books must be kept for years, and hold no more than ids and amounts.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from domains.billing.models import OPEN_STATES, PaymentIntent, PaymentState
from domains.billing.services import catalogue
from domains.billing.services.activation import lock_subscription
from kernel.db import transaction


def end_subscription(*, organization_id: UUID, now: datetime) -> None:
    """End the plan at once, and give up a payment that waits for somebody; repeatable.

    A payment that is being carried out ends as it does, but puts no plan into force.
    """
    with transaction("billing"):
        subscription = lock_subscription(organization_id=organization_id, now=now)
        subscription.plan, subscription.activated_at = catalogue.FREE, None
        subscription.ended_at = subscription.ended_at or now
        subscription.save(update_fields=["plan", "activated_at", "ended_at"])
        payments = PaymentIntent.objects.within(organization_id)
        waiting = payments.filter(state=PaymentState.REQUIRES_ACTION)
        waiting.update(expires_at=now, due_at=now)
        payments.exclude(state__in=OPEN_STATES).update(payment_method="")
