"""Billing runs that can be killed at any moment.

`python -m tests.faults.billing_run` has loaded all that a run needs, and forks a process for each
line that it reads: `prepare COUNT`; `run SECONDS`, a run that goes on until it is killed; or
`finish SECONDS`, one that ends when nothing is left to do. Both happen at the time that many
seconds after the first subscriptions are due. It answers with the process's id.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import django

from tests.faults.nursery import serve

DATABASE = "tenon_template_billing"
FIRST_DUE = datetime(2026, 4, 10, 12, tzinfo=UTC)
SPREAD = timedelta(days=29)  # less than a period: each is due once
GOOD = ("pm_card_visa", "pm_card_mastercard", "pm_card_timeout_after_charge")
DECLINED = ("pm_card_insufficient_funds", "pm_card_stolen")
IDLE_SECONDS = 0.005
IN_A_BATCH = 50  # so that a killed run has done some, and has some before it


def prepare(count: int) -> None:
    """Have so many organizations on a plan: one half is due at once, the others one by one."""
    from domains.billing import models
    from domains.billing.services import catalogue

    price = catalogue.get_plan("pro").base()
    made: dict[Any, list[Any]] = {}
    for number in range(count):
        for row in _rows_of(number, count, price):
            made.setdefault(type(row), []).append(row)
    for model in (
        models.Customer,
        models.Subscription,
        models.SubscriptionItem,
        models.PaymentMethod,
    ):
        model.objects.bulk_create(made[model])


def _rows_of(number: int, count: int, price: Any) -> list[Any]:
    from domains.billing import models
    from kernel.ids import uuid7

    late = max(number - count // 2, 0)
    end = FIRST_DUE + SPREAD * (2 * late / count)
    start = end.replace(month=end.month - 1)
    of = {"organization_id": uuid7()}
    subscription = models.Subscription(
        state="active",
        currency="EUR",
        account_id=uuid7(),
        time_zone="UTC",
        anchor_at=start,
        interval_unit="month",
        interval_count=1,
        period_start=start,
        period_end=end,
        renews_at=end,
        created_at=start,
        **of,
    )
    return [
        models.Customer(plan="pro", currency="EUR", activated_at=start, created_at=start, **of),
        subscription,
        models.SubscriptionItem(
            subscription=subscription,
            price_id=price.id,
            product="pro",
            is_plan=True,
            started_at=start,
            **of,
        ),
        models.PaymentMethod(
            provider="test",
            reference=_card(number),
            kind="card",
            is_default=True,
            created_at=start,
            **of,
        ),
    ]


def _card(number: int) -> str:
    if number % 10 == 0:
        return DECLINED[number // 10 % len(DECLINED)]
    return GOOD[number % len(GOOD)]


def run(seconds: float) -> None:
    """Renew and charge what is due at that time, over and over."""
    while True:
        if not _bill(seconds):
            time.sleep(IDLE_SECONDS)


def finish(seconds: float) -> None:
    """Renew and charge what is due at that time, until nothing is."""
    while _bill(seconds):
        pass


def _bill(seconds: float) -> bool:
    """Return whether there was anything to do."""
    from domains.billing.services.payments import intents
    from domains.billing.services.subscriptions import renewal

    now = FIRST_DUE + timedelta(seconds=seconds)
    renewed = renewal.renew_due(now=now, batches=1)
    claimed = intents.claim_due(now=now)
    intents.carry_out_all(payments=claimed, now=now)
    return bool(renewed or claimed)


def _load() -> None:
    """Have all in memory before anything is forked, and a provider that can't be relied on."""
    django.setup()
    from django.db import connections

    from domains.billing.services.payments.offline import OfflineProvider
    from domains.billing.services.subscriptions import renewal

    connections["billing"].settings_dict["NAME"] = DATABASE
    renewal.AT_ONCE = IN_A_BATCH
    OfflineProvider.charge = _unreliable(OfflineProvider.charge)


def _unreliable(charge: Callable[..., Any]) -> Callable[..., Any]:
    """Have one of ten charges never arrive, one be sent twice, and one be answered by nothing."""
    from domains.billing.contract.errors import PaymentProviderUnavailable

    def charged(provider: Any, request: Any) -> Any:
        lot = random.random()
        if lot < 0.1:
            raise PaymentProviderUnavailable
        answer = charge(provider, request)
        if lot < 0.2:
            return charge(provider, request)
        if lot < 0.3:
            raise PaymentProviderUnavailable
        return answer

    return charged


ORDERS = {
    "prepare": lambda count: prepare(int(count)),
    "run": run,
    "finish": finish,
}


if __name__ == "__main__":
    _load()
    serve(ORDERS)
