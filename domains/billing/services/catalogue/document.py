"""What may stand in a catalogue's document: meters, plans and add-ons with their prices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from domains.billing.services.arithmetic import Flat, PriceModel, minor_unit

FREE = "free"
MOST = 2**53 - 1  # RFC 8259, 6: safe in every JSON reader


def _currency(code: str) -> str:
    minor_unit(code)
    return code


Count = Annotated[int, Field(gt=0, le=MOST)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,63}$")]
FeatureName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Title = Annotated[str, Field(min_length=1, max_length=100)]
Currency = Annotated[str, AfterValidator(_currency)]
Terms = Annotated[PriceModel, Field(discriminator="model")]


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Meter(_Strict):
    """What is counted of what customers use."""

    name: Name
    title: Title
    aggregation: Literal["count", "sum", "max", "last", "unique"]
    unit: Annotated[str, Field(max_length=32)] = ""


class Metered(_Strict):
    """So much of a feature in each period; a soft limit is told of, and never refuses."""

    limit: Annotated[int, Field(ge=0, le=MOST)]
    soft: bool = False


# A boolean feature, a static one, a metered one.
Feature: TypeAlias = bool | Count | Metered
Features = dict[FeatureName, Feature]


class Allowance(_Strict):
    """What a plan allows: what other domains ask for, and any feature beside it."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: Features

    seats: Count
    storage_bytes: Count
    requests_per_minute: Count
    # The audit keeps nothing for less, whatever is sold.
    audit_retention_days: Annotated[int, Field(ge=30, le=36_500)] = 30


class Price(_Strict):
    """A price in all its currencies; `quantity` says of what."""

    name: Name
    title: Annotated[str, Field(max_length=100)] = ""
    interval: Literal["day", "week", "month", "year"]
    interval_count: Annotated[int, Field(ge=1, le=366)] = 1
    billing: Literal["advance", "arrears"] = "advance"
    quantity: Literal["fixed", "seats", "usage"] = "fixed"
    meter: Name | None = None
    resolution: Literal["day", "second", "thirty_day_month"] = "second"
    tax_inclusive: bool = False
    terms: Annotated[dict[Currency, Terms], Field(min_length=1)]

    @property
    def takes_nothing(self) -> bool:
        """Whether it is zero in every currency."""
        return all(isinstance(each, Flat) and not each.amount for each in self.terms.values())

    @model_validator(mode="after")
    def _usage_has_a_meter_and_is_charged_afterwards(self) -> Price:
        if (self.quantity == "usage") != (self.meter is not None):
            raise ValueError("a price of usage has a meter, and no other price has one")
        if self.quantity == "usage" and self.billing != "arrears":
            raise ValueError("usage is known afterwards: its billing is arrears")
        return self


class _Product(_Strict):
    name: Name
    title: Title
    description: Annotated[str, Field(max_length=500)] = ""
    tax_category: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")] = "standard"
    prices: Annotated[list[Price], Field(min_length=1)]


class Plan(_Product):
    """What an organization is subscribed to, one at a time."""

    trial_days: Annotated[int, Field(ge=0, le=730)] = 0
    entitlements: Allowance

    @model_validator(mode="after")
    def _every_interval_has_one_base(self) -> Plan:
        kinds = Counter((p.interval, p.interval_count, p.quantity) for p in self.prices)
        based = {kind[:2] for kind in kinds if kind[2] != "usage"}
        for kind, times in kinds.items():
            if kind[2] != "usage" and times > 1:
                raise ValueError(f"two {kind[2]} prices for one interval")
            if kind[:2] not in based:
                raise ValueError("a usage price has an interval that the plan isn't sold at")
        return self


class AddOn(_Product):
    """What is bought on top of a plan; what it allows is added to what the plan does."""

    entitlements: Features = Field(default_factory=dict)


class Document(_Strict):
    """A whole catalogue. What isn't in it is no longer sold, and kept for those who have it."""

    currency: Currency  # charged where the customer has none yet
    meters: list[Meter] = Field(default_factory=list)
    plans: Annotated[list[Plan], Field(min_length=1)]
    add_ons: list[AddOn] = Field(default_factory=list)

    @property
    def products(self) -> list[Plan | AddOn]:
        """All that is sold, in the order in which it is shown."""
        return [*self.plans, *self.add_ons]

    @model_validator(mode="after")
    def _is_one_catalogue(self) -> Document:
        prices = [price for product in self.products for price in product.prices]
        _once("product", (product.name for product in self.products))
        _once("meter", (meter.name for meter in self.meters))
        _once("price", (price.name for price in prices))
        self._check_prices(prices)
        self._check_features()
        free = [plan for plan in self.plans if plan.name == FREE]
        if not free or not all(price.takes_nothing for price in free[0].prices):
            raise ValueError(f"there is no plan {FREE} that costs nothing")
        return self

    def _check_prices(self, prices: list[Price]) -> None:
        meters = {meter.name for meter in self.meters}
        for price in prices:
            if price.meter is not None and price.meter not in meters:
                raise ValueError(f"the price {price.name} names a meter that there isn't")
            if self.currency not in price.terms:
                raise ValueError(f"the price {price.name} isn't offered in {self.currency}")

    def _check_features(self) -> None:
        kinds: dict[str, type] = {}
        for name, feature in self._features():
            if kinds.setdefault(name, type(feature)) is not type(feature):
                raise ValueError(f"the feature {name} is of one kind here and of another there")

    def _features(self) -> Iterator[tuple[str, Feature]]:
        for product in self.products:
            # Not `model_dump`, which would make mappings of what is metered.
            allowed = product.entitlements
            yield from allowed.items() if isinstance(allowed, dict) else allowed


def _once(kind: str, names: Iterable[str]) -> None:
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        raise ValueError(f"two have the same name: {kind} {', '.join(twice)}")
