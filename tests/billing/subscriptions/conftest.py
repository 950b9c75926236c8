"""The billing run as the jobs do it, and looks at what it did."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from domains.billing.models import Invoice, Posting, Subscription
from domains.billing.services.payments import intents
from domains.billing.services.subscriptions import reading, renewal
from domains.billing.services.subscriptions.reading import SubscriptionView
from kernel.principal import Principal


def bill(*, now: datetime) -> None:
    """Renew what is due, and carry out the payments that are."""
    renewal.renew_due(now=now)
    pay(now=now)


def pay(*, now: datetime) -> None:
    intents.carry_out_all(payments=intents.claim_due(now=now), now=now)


def view_of(principal: Principal) -> SubscriptionView:
    return reading.get_own_subscription(principal=principal)


def state_of(principal: Principal) -> str | None:
    details = view_of(principal).details
    return details and details.state.value


def latest(principal: Principal) -> Subscription:
    rows = Subscription.objects.within(principal.organization_id)
    return rows.order_by("-id")[0]


def invoices_of(principal: Principal) -> list[Invoice]:
    return list(Invoice.objects.within(principal.organization_id).order_by("id"))


def summary(principal: Principal) -> list[tuple[str, str, int]]:
    """Return of each invoice its cause, state and total."""
    return [(each.cause, each.state, each.total) for each in invoices_of(principal)]


@pytest.fixture
def books_are_zero() -> Callable[[], bool]:
    def check() -> bool:
        return sum(Posting.objects.values_list("amount", flat=True)) == 0

    return check
