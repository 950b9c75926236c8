"""What a catalogue holds, item by item: as a document says it, and as it is in force."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from domains.billing.models import Meter, Price, Product
from domains.billing.services.catalogue import document
from domains.billing.services.catalogue.document import Document

METER, PRODUCT, PRICE = "meter", "product", "price"


@dataclass(frozen=True, kw_only=True)
class Item:
    """A meter, a product or a price; `fields` are its columns as JSON."""

    kind: str
    name: str
    fields: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class InForce:
    """The rows by name, archived ones among them; of prices the latest version."""

    meters: Mapping[str, Meter]
    products: Mapping[str, Product]
    prices: Mapping[str, Price]

    @classmethod
    def read(cls) -> InForce:
        """Return what there is."""
        prices = Price.objects.select_related("product", "meter").order_by("version")
        return cls(
            meters={row.name: row for row in Meter.objects.all()},
            products={row.name: row for row in Product.objects.all()},
            prices={row.name: row for row in prices},
        )

    def all_items(self) -> Iterator[Item]:
        """Yield what there is, archived or not."""
        yield from (_of_meter(row) for row in self.meters.values())
        yield from (_of_product(row) for row in self.products.values())
        yield from (_of_price(row) for row in self.prices.values())

    def items(self) -> Iterator[Item]:
        """Yield what is sold."""
        for item in self.all_items():
            if item.kind == METER or self.row(item).archived_at is None:
                yield item

    def row(self, item: Item) -> Any:
        """Return the row of the item, None if there isn't one."""
        rows: Mapping[str, Any] = {
            METER: self.meters,
            PRODUCT: self.products,
            PRICE: self.prices,
        }[item.kind]
        return rows.get(item.name)


def items_of(wanted: Document) -> Iterator[Item]:
    """Yield what the document holds: meters, then products, then their prices."""
    for meter in wanted.meters:
        yield Item(kind=METER, name=meter.name, fields=meter.model_dump(exclude={"name"}))
    for position, product in enumerate(wanted.products):
        yield _product(product, position)
    for product in wanted.products:
        for price in product.prices:
            yield _price(wanted, product, price)


def _product(product: document.Plan | document.AddOn, position: int) -> Item:
    plan = isinstance(product, document.Plan)
    shown = product.model_dump(mode="json", exclude={"name", "prices"})
    kind = Product.Kind.PLAN if plan else Product.Kind.ADD_ON
    fields = {"trial_days": 0, **shown, "kind": kind.value, "position": position}
    return Item(kind=PRODUCT, name=product.name, fields=fields)


def _price(
    wanted: Document, product: document.Plan | document.AddOn, price: document.Price
) -> Item:
    shown = price.model_dump(mode="json", exclude={"name", "interval"})
    fields = {
        **shown,
        "product": product.name,
        "title": price.title or product.title,
        "tax_category": product.tax_category,
        "interval_unit": price.interval,
        "currency": wanted.currency,
    }
    return Item(kind=PRICE, name=price.name, fields=fields)


def _of_meter(row: Meter) -> Item:
    return Item(kind=METER, name=row.name, fields=_columns(row, _METER))


def _of_product(row: Product) -> Item:
    return Item(kind=PRODUCT, name=row.name, fields=_columns(row, _PRODUCT))


def _of_price(row: Price) -> Item:
    references = {"product": row.product.name, "meter": row.meter.name if row.meter else None}
    return Item(kind=PRICE, name=row.name, fields=_columns(row, _PRICE) | references)


def _columns(row: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


_METER = ("title", "aggregation", "unit")
_PRODUCT = (
    "kind",
    "title",
    "description",
    "tax_category",
    "entitlements",
    "trial_days",
    "position",
)
_PRICE = (
    "title",
    "tax_category",
    "interval_unit",
    "interval_count",
    "billing",
    "quantity",
    "resolution",
    "tax_inclusive",
    "currency",
    "terms",
)
