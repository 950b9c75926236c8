"""What is for sale; `releases` is where it changes."""

from __future__ import annotations

from django.contrib import admin
from django.utils.safestring import SafeString
from unfold.decorators import display

from domains.billing.admin.written import as_json
from domains.billing.models import Meter, Price, Product
from kernel.staff import ReadOnlyAdmin


@admin.register(Product)
class ProductAdmin(ReadOnlyAdmin):
    list_display = ("name", "kind", "title", "tax_category", "trial_days", "archived_at")
    list_filter = ("kind", "tax_category", "archived_at")
    search_fields = ("name", "title")
    ordering = ("position", "name")
    fields = (
        "name",
        "kind",
        "title",
        "description",
        "tax_category",
        "trial_days",
        "allows",
        "archived_at",
    )
    readonly_fields = fields

    @display(description="Entitlements")
    def allows(self, product: Product) -> SafeString:
        return as_json(product.entitlements)


@admin.register(Price)
class PriceAdmin(ReadOnlyAdmin):
    list_display = (
        "name",
        "version",
        "product",
        "interval",
        "billing",
        "quantity",
        "published_at",
        "archived_at",
    )
    list_filter = ("billing", "quantity", "interval_unit", "archived_at")
    search_fields = ("name", "id__exact")
    ordering = ("name", "-version")
    list_select_related = ("product",)
    fields = (
        "name",
        "version",
        "product",
        "title",
        "interval",
        "billing",
        "quantity",
        "meter",
        "resolution",
        "currency",
        "tax_category",
        "tax_inclusive",
        "by_currency",
        "published_at",
        "archived_at",
    )
    readonly_fields = fields

    @display(description="Interval", ordering="interval_unit")
    def interval(self, price: Price) -> str:
        return f"{price.interval_count} {price.interval_unit}"

    @display(description="Terms by currency, in minor units")
    def by_currency(self, price: Price) -> SafeString:
        return as_json(price.terms)


@admin.register(Meter)
class MeterAdmin(ReadOnlyAdmin):
    list_display = ("name", "title", "aggregation", "unit")
    list_filter = ("aggregation",)
    search_fields = ("name", "title")
    ordering = ("name",)
