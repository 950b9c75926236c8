"""Lines of an invoice: what an item costs for a time, and what is given back of a charge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from domains.billing.services.arithmetic import Charge, Period, Resolution, prorate, share
from domains.billing.services.invoicing.drafting import LineInput
from domains.billing.services.subscriptions.items import Charged, Item, Schedule

RECURRING, USAGE, PRORATION, CREDIT = "recurring", "usage", "proration", "credit"


def for_time(
    item: Item, *, kind: str, currency: str, schedule: Schedule, period: Period
) -> LineInput:
    """Return what the item costs for the time, which is a period of the schedule or a part of one.

    Raises `CurrencyNotOffered`.
    """
    charge = item.price.model(currency).charge(quantity=item.quantity)
    part = _share_of_period(item, schedule, period)
    return _line(
        item,
        kind=kind,
        quantity=Decimal(item.quantity),
        precise=prorate(amount=charge.precise, share=part),
        period=period,
        details=_details(item, charge),
    )


def for_usage(item: Item, *, currency: str, quantity: Decimal, period: Period) -> LineInput:
    """Return what was used in the time costs, which is never prorated."""
    charge = item.price.model(currency).charge(quantity=quantity)
    return _line(
        item,
        kind=USAGE,
        quantity=quantity,
        precise=charge.precise,
        period=period,
        details=_details(item, charge),
    )


def give_back(
    charged: Charged,
    item: Item,
    *,
    at: datetime,
    time_zone: str,
    consumed: Fraction = Fraction(0),
) -> LineInput:
    """Return the credit for what of the charged time is left at the instant, and not used up."""
    rest = Period(start=max(at, charged.period.start), end=charged.period.end)
    unused = share(
        period=charged.period, used=rest, resolution=item.price.resolution, time_zone=time_zone
    )
    value = prorate(amount=charged.net, share=min(unused, 1 - consumed))
    return LineInput(
        kind=CREDIT,
        description=item.price.title,
        product=item.price.product,
        price_id=item.price.id,
        quantity=Decimal(item.quantity),
        precise=-value,
        tax_inclusive=False,
        tax_category=item.price.tax_category,
        period_start=rest.start,
        period_end=rest.end,
        reverses=charged.line_id,
        left=charged.left,
        details={"item": str(item.id)},
    )


def until(line: LineInput, *, at: datetime, resolution: Resolution, time_zone: str) -> LineInput:
    """Return the line for the time until the instant alone: nothing, if it begins later."""
    whole = Period(start=line.period_start, end=line.period_end)
    if at <= whole.start:
        return replace(line, precise=Decimal(0))
    part = share(
        period=whole,
        used=Period(start=whole.start, end=at),
        resolution=resolution,
        time_zone=time_zone,
    )
    return replace(line, precise=prorate(amount=line.precise, share=part), period_end=at)


def _share_of_period(item: Item, schedule: Schedule, period: Period) -> Fraction:
    whole = schedule.period_at(period.start)
    if whole == period:
        return Fraction(1)
    return share(
        period=whole,
        used=period,
        resolution=item.price.resolution,
        time_zone=schedule.time_zone,
    )


def _line(
    item: Item,
    *,
    kind: str,
    quantity: Decimal,
    precise: Decimal,
    period: Period,
    details: Mapping[str, Any],
) -> LineInput:
    return LineInput(
        kind=kind,
        description=item.price.title,
        product=item.price.product,
        price_id=item.price.id,
        quantity=quantity,
        precise=precise,
        tax_inclusive=item.price.tax_inclusive,
        tax_category=item.price.tax_category,
        period_start=period.start,
        period_end=period.end,
        details=details,
    )


def _details(item: Item, charge: Charge) -> dict[str, Any]:
    """Return whose charge it is, and the tiers, where the price has some."""
    details: dict[str, Any] = {"item": str(item.id)}
    if len(charge.parts) > 1:
        details["parts"] = [
            {"quantity": str(p.quantity), "unit_amount": str(p.unit_amount)} for p in charge.parts
        ]
    return details
