"""What a product and a price say, apart from where they are kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from domains.billing.contract.catalogue import CurrencyNotOffered, IntervalNotOffered
from domains.billing.services.arithmetic import (
    Flat,
    Interval,
    Money,
    PriceModel,
    Resolution,
    to_terms,
)


@dataclass(frozen=True, kw_only=True)
class PriceTerms:
    """One version of a price, which never changes. `currency` is that of who has none yet."""

    id: UUID
    name: str
    version: int
    product: str
    title: str
    interval: Interval
    billing: str  # "advance" | "arrears"
    quantity: str  # "fixed" | "seats" | "usage"
    meter: str | None
    resolution: Resolution
    tax_inclusive: bool
    tax_category: str
    currency: str
    models: Mapping[str, PriceModel]  # by currency

    def model(self, currency: str) -> PriceModel:
        """Return what is charged in the currency; raise `CurrencyNotOffered`."""
        try:
            return self.models[currency]
        except KeyError:
            offered = ", ".join(sorted(self.models))
            raise CurrencyNotOffered(
                f"{self.name} is offered in {offered}.", pointer="/currency"
            ) from None

    @property
    def terms(self) -> dict[str, dict[str, Any]]:
        """The models by currency, as JSON."""
        return {currency: to_terms(model) for currency, model in self.models.items()}

    @property
    def takes_nothing(self) -> bool:
        """Whether it is zero in every currency."""
        return all(model == Flat(amount=0) for model in self.models.values())

    def for_one(self, currency: str) -> Money:
        """Return what one unit costs for an interval, rounded as it is charged."""
        amount = self.model(currency).charge(quantity=1).amount.rounded
        return Money(amount=amount, currency=currency)


@dataclass(frozen=True, kw_only=True)
class Feature:
    """Something that a product allows: at all, so far (`limit`), or so far in each period.

    A soft limit is told of, and never refuses.
    """

    name: str
    kind: str  # "boolean" | "static" | "metered"
    limit: int | None
    soft: bool

    @classmethod
    def of(cls, name: str, value: Any) -> Feature:
        """Return what the entitlement (JSON) says."""
        if value is True:
            return cls(name=name, kind="boolean", limit=None, soft=False)
        if isinstance(value, int):
            return cls(name=name, kind="static", limit=value, soft=False)
        return cls(name=name, kind="metered", limit=value["limit"], soft=value["soft"])


@dataclass(frozen=True, kw_only=True)
class ProductTerms:
    """A plan or an add-on, and the prices at which it is sold now: none, if it is archived.

    `entitlements` are by feature: `true`, a number, or `{"limit": 9, "soft": false}` in a period.
    """

    name: str
    kind: str  # "plan" | "add_on"
    title: str
    description: str
    entitlements: Mapping[str, Any]
    trial_days: int
    prices: tuple[PriceTerms, ...]
    archived: bool = field(default=False)

    @property
    def features(self) -> list[Feature]:
        """What of the entitlements it allows, by name; what is `false` is left out."""
        return [Feature.of(name, value) for name, value in self.entitlements.items() if value]

    @property
    def intervals(self) -> list[Interval]:
        """At which intervals it is sold, the shortest, which is the usual one, first."""
        return list(dict.fromkeys(price.interval for price in self.prices))

    def prices_at(self, interval: Interval) -> list[PriceTerms]:
        """Return all prices of the interval, the base first; raise `IntervalNotOffered`."""
        found = [price for price in self.prices if price.interval == interval]
        if not found:
            offered = ", ".join(f"{each.count} {each.unit}" for each in self.intervals)
            raise IntervalNotOffered(f"{self.name} is sold for {offered}.", pointer="/interval")
        return found

    def base(self, interval: Interval | None = None) -> PriceTerms:
        """Return the price that the product has at the interval (None: the usual one)."""
        return self.prices_at(interval or self.intervals[0])[0]

    @property
    def is_free(self) -> bool:
        """Whether nothing has to be paid for it, ever."""
        return all(price.takes_nothing for price in self.prices)

    @property
    def price(self) -> Money:
        """What one costs for the usual interval, in the usual currency."""
        base = self.base()
        return base.for_one(base.currency)

    @property
    def interval(self) -> str:
        """The unit of the usual interval."""
        return str(self.intervals[0].unit)


def in_order(prices: Iterable[PriceTerms]) -> tuple[PriceTerms, ...]:
    """Return the prices of a product: the shortest interval first, in each the base first."""
    return tuple(sorted(prices, key=_place))


def _place(price: PriceTerms) -> tuple[int, int, str]:
    days = _DAYS[price.interval.unit] * price.interval.count
    return days, _QUANTITIES.index(price.quantity), price.name


_DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}
_QUANTITIES = ("fixed", "seats", "usage")
