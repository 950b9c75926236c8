"""What an organization tells of its use, and what is shown of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from domains.billing.contract.permissions import USAGE_READ, USAGE_WRITE
from domains.billing.contract.usage import UsagePeriodInvalid, UsageReport, UsageVerdict
from domains.billing.models import SERVED_STATES, Meter, Subscription
from domains.billing.services.arithmetic import Alignment, Cycle, Interval, IntervalUnit, Period
from domains.billing.services.usage import aggregation, recording
from kernel.principal import Principal

LONGEST = timedelta(days=400)


@dataclass(frozen=True, kw_only=True)
class MeterUsage:
    """How much was used by one meter, and how often it was told of."""

    meter: str
    title: str
    unit: str
    aggregation: str
    quantity: Decimal
    events: int


@dataclass(frozen=True, kw_only=True)
class UsageOfPeriod:
    """What was used in a half-open period, by every meter that there is."""

    period: Period
    meters: list[MeterUsage]
    next_cursor: None = None  # all are here


def report_usage(
    *, principal: Principal, reports: Sequence[UsageReport], now: datetime
) -> list[UsageVerdict]:
    """Take down what was used; return what became of each, in that order.

    Raise `Forbidden`, or `UsageBatchTooLarge` for more than a thousand.
    """
    for organization_id in {report.organization_id for report in reports}:
        principal.require(USAGE_WRITE, organization_id=organization_id)
    return recording.record(reports=reports, now=now)


def get_own_usage(
    *, principal: Principal, start: datetime | None, end: datetime | None, now: datetime
) -> UsageOfPeriod:
    """Return what the current organization used from start to end (UTC).

    What is left out is that of the current billing period, without a subscription of the month.
    Raise `Forbidden` or `UsagePeriodInvalid`.
    """
    principal.require(USAGE_READ)
    current = _current_period(principal.organization_id, now=now)
    start, end = start or current.start, end or current.end
    if not start < end <= start + LONGEST:
        raise UsagePeriodInvalid
    return _usage_of(principal.organization_id, Period(start=start, end=end))


def _current_period(organization_id: UUID, *, now: datetime) -> Period:
    rows = Subscription.objects.within(organization_id).filter(state__in=SERVED_STATES)
    subscription = rows.first()
    if subscription is not None:
        start, end = subscription.period_start, subscription.period_end
        return Period(start=start.astimezone(UTC), end=end.astimezone(UTC))
    month = Interval(unit=IntervalUnit.MONTH)
    cycle = Cycle(anchor=now, interval=month, time_zone="UTC", alignment=Alignment.CALENDAR)
    return cycle.period_at(now)


def _usage_of(organization_id: UUID, period: Period) -> UsageOfPeriod:
    meters = list(Meter.objects.order_by("name"))
    found = aggregation.sums(asked=[(organization_id, meter.name, period) for meter in meters])
    rows = [_used(meter, found[organization_id, meter.name, period]) for meter in meters]
    return UsageOfPeriod(period=period, meters=rows)


def _used(meter: Meter, used: aggregation.Used) -> MeterUsage:
    return MeterUsage(
        meter=meter.name,
        title=meter.title,
        unit=meter.unit,
        aggregation=meter.aggregation,
        quantity=used.quantity,
        events=used.events,
    )
