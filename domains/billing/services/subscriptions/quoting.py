"""What a change, a renewal or an end of a subscription costs: pure computing.

Preview, commit and billing run all charge what these functions say. A change ends the items that it
touches and begins others, so what was charged for an ended item is given back once, and never
again; an item that stays as it is is neither credited nor charged.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from uuid import UUID

from domains.billing.services.arithmetic import Interval, Period
from domains.billing.services.invoicing.drafting import LineInput
from domains.billing.services.subscriptions import lines
from domains.billing.services.subscriptions.items import Item, Run, Schedule

Used = Mapping[UUID, Decimal]  # by item: what its meter counted


class Policy(StrEnum):
    """When a change happens, and how what remains of the period is settled."""

    NOW = "now"  # at once: what is left of the old is credited, the rest of the period charged
    NEXT_INVOICE = "next_invoice"  # at once; credit and charge stand in the next invoice
    RESET = "reset"  # at once, and a whole period begins
    NONE = "none"  # at once; nothing is credited or charged before the next period
    PERIOD_END = "period_end"  # when the period ends


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a subscription is afterwards, what is charged now, and what on the next invoice."""

    schedule: Schedule
    period: Period
    items: tuple[Item, ...]
    lines: tuple[LineInput, ...]
    pending: tuple[LineInput, ...] = ()


def begin(
    *, currency: str, schedule: Schedule, items: Sequence[Item], at: datetime, charge: bool = True
) -> Outcome:
    """Return a subscription that begins; what is billed in advance is charged unless it is free."""
    period = schedule.period_from(at)
    charged = _in_advance(items, currency, schedule, period) if charge else []
    return Outcome(schedule=schedule, period=period, items=tuple(items), lines=tuple(charged))


def change(
    run: Run,
    *,
    items: Sequence[Item],
    schedule: Schedule | None = None,
    policy: Policy,
    at: datetime,
    used: Used,
    pending: Sequence[LineInput] = (),
) -> Outcome:
    """Return the run with other items from the instant on, which is within its period.

    A schedule given, as by `reset`, begins a whole period. Raises `ValueError` for `period_end`,
    which is no change at all yet: see `renew`.
    """
    if policy is Policy.PERIOD_END:
        raise ValueError("What happens at the end of a period is scheduled.")
    after = _keep_what_stays(run, items, anew=schedule is not None)
    ended = [item for item in run.items if item not in after]
    kept = shorten(pending, ended=ended, at=at, time_zone=run.schedule.time_zone)
    rest = Period(start=at, end=run.period.end)
    if schedule is not None:
        rest = schedule.period_from(at)
    settled = [] if policy is Policy.NONE else _give_back(run, ended, at)
    settled += _in_arrears(run, ended, until=at, used=used)
    if policy is not Policy.NONE:
        settled += _in_advance(
            [item for item in after if item not in run.items],
            run.currency,
            schedule or run.schedule,
            rest,
            kind=lines.PRORATION if schedule is None else lines.RECURRING,
        )
    waits = policy in (Policy.NEXT_INVOICE, Policy.NONE)
    return Outcome(
        schedule=schedule or run.schedule,
        period=rest if schedule else run.period,
        items=tuple(after),
        lines=() if waits else (*kept, *settled) if schedule else tuple(settled),
        pending=(*kept, *settled) if waits else () if schedule else tuple(kept),
    )


def renew(
    run: Run,
    *,
    items: Sequence[Item] | None = None,
    schedule: Schedule | None = None,
    used: Used,
    pending: Sequence[LineInput] = (),
) -> Outcome:
    """Return the run in the period that follows: with what was used, and what begins.

    `items` and `schedule` are those of a change that was scheduled for the end of the period.
    """
    schedule = schedule or run.schedule
    after = tuple(run.items if items is None else items)
    end = run.period.end
    period = schedule.period_from(end)
    charged = [*pending, *_in_arrears(run, run.items, until=end, used=used)]
    if not run.comped:
        charged += _in_advance(after, run.currency, schedule, period)
    return Outcome(schedule=schedule, period=period, items=after, lines=tuple(charged))


def end(
    run: Run,
    *,
    at: datetime,
    used: Used,
    pending: Sequence[LineInput] = (),
    give_back: bool,
) -> tuple[LineInput, ...]:
    """Return what is charged and credited when the run ends, or is paused, at the instant."""
    kept = shorten(pending, ended=run.items, at=at, time_zone=run.schedule.time_zone)
    credited = _give_back(run, run.items, at) if give_back else []
    return (*kept, *credited, *_in_arrears(run, run.items, until=at, used=used))


def shorten(
    pending: Sequence[LineInput], *, ended: Iterable[Item], at: datetime, time_zone: str
) -> list[LineInput]:
    """Return the lines for the next invoice, those of ended items for the time until the instant.

    They were never charged, so there is nothing to give back.
    """
    gone = {str(item.id): item for item in ended}
    shortened = []
    for line in pending:
        item = gone.get(line.details.get("item", ""))
        charges = line.kind in (lines.PRORATION, lines.RECURRING) and line.period_end > at
        if item is not None and charges:
            by = item.price.resolution
            shortened.append(lines.until(line, at=at, resolution=by, time_zone=time_zone))
        else:
            shortened.append(line)
    return [line for line in shortened if line.precise]


def per_day(items: Iterable[Item], *, currency: str) -> Fraction:
    """Return what the items cost a day, roughly: what makes one plan dearer than another.

    What is charged by usage doesn't count.
    """
    return sum((_rate(item, currency) for item in items), Fraction(0))


_DAYS = {"day": Fraction(1), "week": Fraction(7), "month": Fraction(365, 12), "year": Fraction(365)}


def days_of(interval: Interval) -> Fraction:
    """Return how long the interval is, roughly."""
    return _DAYS[interval.unit] * interval.count


def _rate(item: Item, currency: str) -> Fraction:
    if item.price.quantity == "usage":
        return Fraction(0)
    amount = Fraction(item.price.model(currency).charge(quantity=item.quantity).precise)
    return amount / days_of(item.price.interval)


def _keep_what_stays(run: Run, items: Sequence[Item], *, anew: bool) -> list[Item]:
    if anew:
        return list(items)
    return [
        next((old for old in run.items if old.is_like(new) and old.is_plan == new.is_plan), new)
        for new in items
    ]


def _give_back(run: Run, ended: Iterable[Item], at: datetime) -> list[LineInput]:
    by_id = {item.id: item for item in ended}
    credits_ = [
        lines.give_back(
            each,
            by_id[each.item_id],
            at=at,
            time_zone=run.schedule.time_zone,
            consumed=run.consumed,
        )
        for each in run.charged_for(by_id.values())
        if each.period.end > at
    ]
    return [line for line in credits_ if line.precise]


def _in_advance(
    items: Iterable[Item],
    currency: str,
    schedule: Schedule,
    period: Period,
    kind: str = lines.RECURRING,
) -> list[LineInput]:
    charged = [
        lines.for_time(item, kind=kind, currency=currency, schedule=schedule, period=period)
        for item in items
        if item.price.billing == "advance"
    ]
    return [line for line in charged if line.precise]


def _in_arrears(run: Run, items: Iterable[Item], *, until: datetime, used: Used) -> list[LineInput]:
    """Return what is billed afterwards, since it began or the period did; on trial it is free."""
    if run.on_trial or run.comped:
        return []
    charged = []
    for item in items:
        since = max(item.started_at, run.period.start)
        if item.price.billing == "arrears" and since < until:
            charged.append(_afterwards(run, item, Period(start=since, end=until), used))
    return [line for line in charged if line.precise]


def _afterwards(run: Run, item: Item, period: Period, used: Used) -> LineInput:
    if item.price.quantity == "usage":
        quantity = used.get(item.id, Decimal(0))
        return lines.for_usage(item, currency=run.currency, quantity=quantity, period=period)
    return lines.for_time(
        item, kind=lines.RECURRING, currency=run.currency, schedule=run.schedule, period=period
    )
