"""Reading subscriptions with all that is needed to compute with them: many by a few queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from django.db.models import QuerySet
from pydantic import TypeAdapter

from domains.billing.models import (
    Consumption,
    InvoiceLine,
    InvoiceState,
    Subscription,
    SubscriptionItem,
    SubscriptionState,
)
from domains.billing.services import catalogue
from domains.billing.services.arithmetic import Interval, IntervalUnit, Period, Taxed
from domains.billing.services.invoicing import crediting
from domains.billing.services.invoicing.drafting import LineInput
from domains.billing.services.subscriptions import lines
from domains.billing.services.subscriptions.items import Charged, Item, Run, Schedule
from domains.billing.services.usage.aggregation import quantities

SEATS = "seats"
_PENDING: TypeAdapter[tuple[LineInput, ...]] = TypeAdapter(tuple[LineInput, ...])


def load(subscriptions: Sequence[Subscription]) -> dict[UUID, Run]:
    """Return the runs by the ids of their subscriptions, without what was charged before."""
    owners = {row.organization_id for row in subscriptions}
    rows = SubscriptionItem.objects.within(*owners).filter(
        subscription__in=[row.id for row in subscriptions], ended_at=None
    )
    by_subscription: dict[UUID, list[SubscriptionItem]] = defaultdict(list)
    for item in rows.order_by("id") if owners else ():
        by_subscription[item.subscription_id].append(item)
    prices = catalogue.get_prices(
        {item.price_id for items in by_subscription.values() for item in items}
    )
    return {
        row.id: _to_run(row, [_to_item(item, prices) for item in by_subscription[row.id]])
        for row in subscriptions
    }


def load_one(subscription: Subscription, *, at: datetime) -> Run:
    """Return the run with the lines that were charged for time after the instant."""
    run = load([subscription])[subscription.id]
    return replace(
        run,
        charged=tuple(_charged(subscription, at)),
        consumed=_consumed(subscription, run),
    )


@dataclass(frozen=True, kw_only=True)
class Owed:
    """A charge of an invoice that is still open; `left` of it is all that was not given back."""

    invoice_id: UUID
    charged: Charged


def owed_after(subscription: Subscription, run: Run, *, at: datetime) -> list[Owed]:
    """Return the charges of open invoices for time after the instant, of items of the run."""
    items = {item.id for item in run.items}
    found = [
        Owed(invoice_id=row.invoice_id, charged=charged)
        for row in _charges_after(subscription, at).filter(invoice__state=InvoiceState.OPEN)
        if (charged := _to_charged(row, crediting.all_of(row)))
    ]
    return [each for each in found if each.charged.item_id in items]


def schedule_of(subscription: Subscription) -> Schedule:
    """Return from when and how often the subscription is charged."""
    return Schedule(
        anchor=subscription.anchor_at,
        interval=Interval(
            unit=IntervalUnit(subscription.interval_unit), count=subscription.interval_count
        ),
        time_zone=subscription.time_zone,
        calendar=subscription.calendar,
    )


def used_until(
    runs: Mapping[UUID, Run], owners: Mapping[UUID, UUID], *, at: datetime | None = None
) -> dict[UUID, Decimal]:
    """Return by item what its meter counted in its period so far, or until the instant.

    `owners` are the organizations of the runs.
    """
    asked = {}
    for key, run in runs.items():
        until = at or run.period.end
        for item in run.items:
            since = max(item.started_at, run.period.start)
            if item.price.meter is not None and since < until:
                period = Period(start=since, end=until)
                asked[item.id] = (owners[key], item.price.meter, period)
    if not asked:
        return {}
    found = quantities(asked=list(asked.values()))
    return {item_id: found[one] for item_id, one in asked.items()}


def seats_of(organization_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Return how many seats of each organization are taken."""
    rows = Consumption.objects.within(*organization_ids).filter(feature=SEATS)
    return dict(rows.values_list("organization_id", "used"))


def pending_of(subscription: Subscription) -> tuple[LineInput, ...]:
    """Return the lines that wait for the next invoice, credits with what is left to credit."""
    pending = _PENDING.validate_python(subscription.pending)
    reversed_ = [line.reverses for line in pending if line.reverses]
    if not reversed_:
        return pending
    left = crediting.left_of(organization_id=subscription.organization_id, line_ids=reversed_)
    return tuple(
        replace(line, left=left[line.reverses]) if line.reverses else line
        for line in pending
        if line.reverses is None or line.reverses in left
    )


def pending_as_json(pending: Sequence[LineInput]) -> list[object]:
    """Return the lines as they are kept until the next invoice."""
    plain: list[object] = _PENDING.dump_python(tuple(pending), mode="json")
    return plain


def _to_run(row: Subscription, items: list[Item]) -> Run:
    return Run(
        currency=row.currency,
        schedule=schedule_of(row),
        period=Period(start=row.period_start, end=row.period_end),
        items=tuple(items),
        on_trial=row.state == SubscriptionState.TRIALING,
        comped=row.comped,
    )


def _to_item(row: SubscriptionItem, prices: Mapping[UUID, catalogue.PriceTerms]) -> Item:
    return Item(
        id=row.id,
        price=prices[row.price_id],
        is_plan=row.is_plan,
        quantity=row.quantity,
        started_at=row.started_at,
    )


def _charged(subscription: Subscription, at: datetime) -> Iterable[Charged]:
    for row in _charges_after(subscription, at):
        if charged := _to_charged(row, crediting.paid_part_of(row)):
            yield charged


def _charges_after(subscription: Subscription, at: datetime) -> QuerySet[InvoiceLine]:
    rows = InvoiceLine.objects.within(subscription.organization_id).filter(
        invoice__subscription=subscription,
        kind__in=(lines.RECURRING, lines.PRORATION),
        net__gt=0,
        period_end__gt=at,
    )
    return rows.select_related("invoice").order_by("id")


def _to_charged(row: InvoiceLine, left: Taxed) -> Charged | None:
    """Return the line, if something is left of it to give back."""
    if left.net.rounded <= 0 or "item" not in row.details:
        return None
    return Charged(
        line_id=row.id,
        item_id=UUID(row.details["item"]),
        period=Period(start=row.period_start, end=row.period_end),
        net=row.net,
        left=left,
    )


def _consumed(subscription: Subscription, run: Run) -> Fraction:
    """Return the largest share of a metered feature of the plan that the period has used up."""
    allowed = catalogue.get_product(run.plan.price.product).entitlements
    limits = {
        name: feature["limit"]
        for name, feature in allowed.items()
        if isinstance(feature, Mapping) and feature["limit"]
    }
    rows = Consumption.objects.within(subscription.organization_id).filter(
        feature__in=limits, period_start=run.period.start
    )
    shares = [Fraction(row.used, limits[row.feature]) for row in rows]
    return min(max(shares, default=Fraction(0)), Fraction(1))
