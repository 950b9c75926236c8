from __future__ import annotations

import pytest

from domains.billing.models import Subscription
from kernel.ids import uuid7
from tests.billing.invoicing.making import END, NOW, START, customer


@pytest.fixture
def subscription() -> Subscription:
    """An active subscription of a new customer."""
    return Subscription.objects.create(
        organization_id=customer().organization_id,
        state="active",
        currency="EUR",
        account_id=uuid7(),
        time_zone="UTC",
        anchor_at=START,
        interval_unit="month",
        interval_count=1,
        period_start=START,
        period_end=END,
        created_at=NOW,
    )
