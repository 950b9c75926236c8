"""Finding what is sold, and what was: prices by their ids, products by their names.

Products are read from the database each time, prices by id once in a process: they never change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from domains.billing.contract.catalogue import ProductUnknown
from domains.billing.contract.errors import PlanUnknown
from domains.billing.models import CatalogueRelease, Price, Product
from domains.billing.services.arithmetic import Interval, IntervalUnit, Resolution, from_terms
from domains.billing.services.catalogue.document import FREE
from domains.billing.services.catalogue.publication import publish_first
from domains.billing.services.catalogue.terms import PriceTerms, ProductTerms, in_order
from kernel import clock

__all__ = [
    "FREE",
    "ensure_published",
    "find_product",
    "get_catalogue",
    "get_plan",
    "get_plans",
    "get_prices",
    "get_product",
]

_PRICES = Price.objects.select_related("product", "meter")
_known: dict[UUID, PriceTerms] = {}


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """All that is sold, in the order in which it is written."""

    plans: list[ProductTerms]
    add_ons: list[ProductTerms]


def get_catalogue() -> Catalogue:
    """Return every product that is sold."""
    sold = _published(lambda: _read(Product.objects.filter(archived_at=None)))
    kinds = {kind: [product for product in sold if product.kind == kind] for kind in Product.Kind}
    return Catalogue(plans=kinds[Product.Kind.PLAN], add_ons=kinds[Product.Kind.ADD_ON])


def get_plans() -> list[ProductTerms]:
    """Return every plan that is sold, in the catalogue's order."""
    return get_catalogue().plans


def get_plan(name: str) -> ProductTerms:
    """Return the plan of that name that is sold; raise `PlanUnknown` if there is none."""
    found = find_product(name)
    if found is None or found.archived or found.kind != Product.Kind.PLAN:
        names = ", ".join(plan.name for plan in get_plans())
        raise PlanUnknown(f"The plans are {names}.", pointer="/plan")
    return found


def get_product(name: str) -> ProductTerms:
    """Return the product of that name, sold or archived; raise `ProductUnknown`."""
    found = find_product(name)
    if found is None:
        raise ProductUnknown(f"There is no product {name}.")
    return found


def find_product(name: str) -> ProductTerms | None:
    """Return the product of that name, sold or archived; None if there never was one."""
    found = _published(lambda: _read(Product.objects.filter(name=name)))
    return found[0] if found else None


def get_prices(ids: Iterable[UUID]) -> dict[UUID, PriceTerms]:
    """Return the prices by their ids, current or not; an id that there isn't is left out."""
    wanted = set(ids)
    if unknown := wanted - _known.keys():
        for row in _PRICES.filter(id__in=unknown):
            _remembered(row)
    return {id_: _known[id_] for id_ in wanted if id_ in _known}


def ensure_published() -> None:
    """Have a catalogue in force: the shipped one, if there is none yet."""
    if not CatalogueRelease.objects.exists():
        publish_first(now=clock.now())


def _published(read: Callable[[], list[ProductTerms]]) -> list[ProductTerms]:
    """Return what is read, once there is a catalogue to read it from."""
    found = read()
    if found:
        return found
    ensure_published()
    return read()


def _read(products: QuerySet[Product]) -> list[ProductTerms]:
    current = Prefetch("prices", _PRICES.filter(archived_at=None))
    return [_to_product(row) for row in products.order_by("position").prefetch_related(current)]


def _to_product(row: Product) -> ProductTerms:
    return ProductTerms(
        name=row.name,
        kind=row.kind,
        title=row.title,
        description=row.description,
        entitlements=row.entitlements,
        trial_days=row.trial_days,
        prices=in_order(_remembered(price) for price in row.prices.all()),
        archived=row.archived_at is not None,
    )


def _remembered(row: Price) -> PriceTerms:
    if row.id not in _known:
        _known[row.id] = _to_price(row)
    return _known[row.id]


def _to_price(row: Price) -> PriceTerms:
    return PriceTerms(
        id=row.id,
        name=row.name,
        version=row.version,
        product=row.product.name,
        title=row.title,
        interval=Interval(unit=IntervalUnit(row.interval_unit), count=row.interval_count),
        billing=row.billing,
        quantity=row.quantity,
        meter=row.meter.name if row.meter else None,
        resolution=Resolution(row.resolution),
        tax_inclusive=row.tax_inclusive,
        tax_category=row.tax_category,
        currency=row.currency,
        models={code: from_terms(terms) for code, terms in row.terms.items()},
    )
