"""The same batches told by many at once count once, and nobody waits for one another forever."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domains.billing.models import UsageBucket, UsageEvent
from kernel.ids import uuid7
from tests.billing.conftest import at_once
from tests.billing.usage.conftest import NOW, quantity, tell, used

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["billing"]),
    pytest.mark.usefixtures("meters"),
]
HOUR = timedelta(hours=1)


def test_the_same_batch_told_in_any_order_counts_once():
    organizations = [uuid7(), uuid7()]
    batch = [
        used(id_, value=n, id=f"e{n}", at=NOW - n * HOUR)
        for id_ in organizations
        for n in range(20)
    ]
    orders = [batch, batch[::-1], batch[7:] + batch[:7], batch[1::2] + batch[::2]]
    verdicts = at_once(8, lambda number: tell(*orders[number % 4]))
    assert sum(mine.count("accepted") for mine in verdicts) == 40
    assert sum(mine.count("duplicate") for mine in verdicts) == 7 * 40
    assert UsageEvent.objects.count() == UsageBucket.objects.count() == 40
    for id_ in organizations:
        assert quantity(id_, "sum", NOW - 24 * HOUR, NOW + HOUR) == sum(range(20))
