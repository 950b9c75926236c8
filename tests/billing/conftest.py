"""What billing's tests share: callers, a moment, and looks at what was said and charged."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest
from django.db import connections

from domains.billing.models import OfflineCharge, PaymentIntent
from domains.billing.services import plan_change, subscriptions
from domains.billing.services.payments import intents
from domains.billing.services.subscriptions import PendingPayment
from kernel.ids import uuid7
from kernel.models import Outbox
from kernel.principal import Principal
from tests.principals import member_of

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def put_on(principal: Principal, plan: str, payment_method: str | None = None, **options):
    """Change the plan as the API would."""
    options.setdefault("now", NOW)
    return plan_change.change_plan(
        principal=principal, plan=plan, payment_method=payment_method, **options
    )


def carry_out(payment: PaymentIntent | PendingPayment, *, now: datetime) -> PaymentIntent:
    """Do what the job of a payment does."""
    row = PaymentIntent.objects.get(id=payment.id)
    return intents.carry_out(organization_id=row.organization_id, intent_id=row.id, now=now)


def plan_of(principal: Principal) -> str:
    return subscriptions.get_own_subscription(principal=principal).plan


def said_by_billing() -> list[str]:
    rows = Outbox.objects.using("billing").order_by("id")
    return [row.name for row in rows if row.name.startswith("billing.")]


def charges(status: str = "succeeded") -> int:
    return OfflineCharge.objects.filter(status=status).count()


def intents_of(principal: Principal) -> list[PaymentIntent]:
    rows = PaymentIntent.objects.filter(organization_id=principal.organization_id)
    return list(rows.order_by("id"))


def at_once(count, work):
    """Run `work(number)` in threads that start together, each on connections of its own."""
    barrier = Barrier(count)
    default = connections["default"]

    def run(number):
        # Comparing with an empty text, Django asks the default connection what it makes of one.
        connections["default"] = default
        barrier.wait()
        try:
            return work(number)
        except Exception as error:  # noqa: BLE001  what it raised is the result
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


@pytest.fixture
def owner() -> Principal:
    return member_of(uuid7())
