"""What a customer may wish for, and the items that it comes to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from domains.billing.contract.catalogue import ProductUnknown
from domains.billing.models import Product
from domains.billing.services import catalogue
from domains.billing.services.arithmetic import Interval
from domains.billing.services.catalogue import PriceTerms, ProductTerms
from domains.billing.services.subscriptions.items import Item, Run
from domains.billing.services.subscriptions.quoting import Policy
from kernel.ids import uuid7


@dataclass(frozen=True, kw_only=True)
class Wish:
    """A plan, and what goes with it; None leaves that as it is, or has what is usual.

    `quantity` is of the plan, where its price is for one; `add_ons` are quantities by name. A
    currency is chosen once, with the first plan that is paid.
    """

    plan: str
    interval: Interval | None = None
    quantity: int | None = None
    add_ons: Mapping[str, int] | None = None
    currency: str | None = None
    coupon: str | None = None
    policy: Policy | None = None


@dataclass(frozen=True, kw_only=True)
class Target:
    """The items that a wish comes to, and at which interval."""

    plan: ProductTerms
    interval: Interval
    items: tuple[Item, ...]

    def is_like(self, run: Run) -> bool:
        """Return whether the run has these items already."""
        wanted = {(item.price.id, item.quantity) for item in self.items}
        return wanted == {(item.price.id, item.quantity) for item in run.items}


def resolve(wish: Wish, *, run: Run | None, seats: int, at: datetime) -> Target:
    """Return what the wish comes to at present prices; a plan kept keeps the prices it has.

    Raises `PlanUnknown`, `ProductUnknown` and `IntervalNotOffered`.
    """
    plan = catalogue.get_plan(wish.plan)
    interval = wish.interval or _usual_interval(plan, run)
    same = run is not None and (run.plan.price.product, run.schedule.interval) == (
        plan.name,
        interval,
    )
    quantity = wish.quantity or (run.plan.quantity if run and same else 1)
    items = [
        _item(price, quantity if position == 0 else 1, seats, at, is_plan=position == 0)
        for position, price in enumerate(_kept(run) if run and same else plan.prices_at(interval))
    ]
    for name, count in _add_ons(wish, run).items():
        items += [_item(price, count, seats, at) for price in _add_on(name).prices_at(interval)]
    return Target(plan=plan, interval=interval, items=tuple(items))


def _usual_interval(plan: ProductTerms, run: Run | None) -> Interval:
    if run is not None and run.schedule.interval in plan.intervals:
        return run.schedule.interval
    return plan.intervals[0]


def _kept(run: Run) -> list[PriceTerms]:
    """Return the prices of the plan that is kept: a later version is for those who come later."""
    name = run.plan.price.product
    mine = [item for item in run.items if item.price.product == name]
    return [item.price for item in sorted(mine, key=lambda item: not item.is_plan)]


def _add_ons(wish: Wish, run: Run | None) -> dict[str, int]:
    if wish.add_ons is not None:
        return {name: count for name, count in wish.add_ons.items() if count}
    return add_ons_of(run.items) if run else {}


def add_ons_of(items: Iterable[Item]) -> dict[str, int]:
    """Return of which add-ons there are how many."""
    all_ = list(items)
    plan = next(item.price.product for item in all_ if item.is_plan)
    return {item.price.product: item.quantity for item in all_ if item.price.product != plan}


def _add_on(name: str) -> ProductTerms:
    found = catalogue.find_product(name)
    if found is None or found.archived or found.kind != Product.Kind.ADD_ON:
        raise ProductUnknown(f"There is no add-on {name}.", pointer="/add_ons")
    return found


def _item(
    price: PriceTerms, quantity: int, seats: int, at: datetime, *, is_plan: bool = False
) -> Item:
    counted = {"seats": seats, "usage": 1}.get(price.quantity, quantity)
    return Item(id=uuid7(), price=price, is_plan=is_plan, quantity=counted, started_at=at)
