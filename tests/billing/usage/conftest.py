"""What the tests of usage share: meters, and telling of what was used."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from domains.billing.contract.usage import UsageReport
from domains.billing.models import Meter
from domains.billing.services.arithmetic import Period
from domains.billing.services.usage import aggregation, recording
from kernel.ids import uuid7

NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)
AGGREGATIONS = ("count", "sum", "max", "last", "unique")


@pytest.fixture
def meters() -> None:
    for name in AGGREGATIONS:
        Meter.objects.create(name=name, title=name, aggregation=name)


def used(organization_id, *, meter="sum", value=1, at=NOW, id=None, property=""):  # noqa: A002
    return UsageReport(
        organization_id=organization_id,
        event_id=id or str(uuid7()),
        meter=meter,
        value=Decimal(value),
        property=property,
        occurred_at=at,
    )


def tell(*reports, now=NOW):
    return [str(verdict) for verdict in recording.record(reports=reports, now=now)]


def quantity(organization_id, meter, start, end):
    asked = (organization_id, meter, Period(start=start, end=end))
    return aggregation.quantities(asked=[asked])[asked]
