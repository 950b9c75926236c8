"""What a subscription consists of, as plain data: what it is charged by, and was charged for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from functools import lru_cache
from uuid import UUID

from domains.billing.services.arithmetic import Alignment, Cycle, Interval, Period, Taxed
from domains.billing.services.catalogue.terms import PriceTerms


@dataclass(frozen=True, kw_only=True)
class Item:
    """A price, and of how many: the quantity as subscribed, or the seats; 1 where usage counts."""

    id: UUID
    price: PriceTerms
    is_plan: bool
    quantity: int
    started_at: datetime

    def is_like(self, other: Item) -> bool:
        """Return whether both are charged the same."""
        return (self.price.id, self.quantity) == (other.price.id, other.quantity)


@dataclass(frozen=True, kw_only=True)
class Charged:
    """A line of an earlier invoice for time that isn't over.

    `left` is what of it is paid and was not given back.
    """

    line_id: UUID
    item_id: UUID
    period: Period
    net: int
    left: Taxed


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """From which instant, at which intervals and in whose days a subscription is charged."""

    anchor: datetime
    interval: Interval
    time_zone: str
    calendar: bool = False

    @property
    def cycle(self) -> Cycle:
        """Its periods."""
        return Cycle(
            anchor=self.anchor,
            interval=self.interval,
            time_zone=self.time_zone,
            alignment=Alignment.CALENDAR if self.calendar else Alignment.ANNIVERSARY,
        )

    def period_from(self, start: datetime) -> Period:
        """Return what is left of the period that the instant is in: all, at its beginning."""
        return Period(start=start, end=self.period_at(start).end)

    def period_at(self, instant: datetime) -> Period:
        """Return the whole period that the instant is in."""
        return _period_at(self, instant)


@lru_cache(maxsize=256)  # each is asked again for every item, and by many who began together
def _period_at(schedule: Schedule, instant: datetime) -> Period:
    return schedule.cycle.period_at(instant)


@dataclass(frozen=True, kw_only=True)
class Run:
    """A subscription as it stands: its items, and the lines that were charged for their time.

    `consumed` is the share of what the plan allows in the period that is used up already, whatever
    time is left: that part is given back to nobody.
    """

    currency: str
    schedule: Schedule
    period: Period
    items: tuple[Item, ...]
    charged: tuple[Charged, ...] = ()
    on_trial: bool = False
    comped: bool = False
    consumed: Fraction = Fraction(0)

    @property
    def plan(self) -> Item:
        """The item of the plan itself."""
        return next(item for item in self.items if item.is_plan)

    def charged_for(self, items: Iterable[Item]) -> list[Charged]:
        """Return the lines that were charged for these items."""
        ids = {item.id for item in items}
        return [each for each in self.charged if each.item_id in ids]
