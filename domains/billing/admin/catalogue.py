"""What is for sale."""

from __future__ import annotations

from django.contrib import admin

from domains.billing.models import (
    CatalogueRelease,
    Coupon,
    CouponRedemption,
    Meter,
    Price,
    Product,
)
from kernel.staff import ReadOnlyAdmin


@admin.register(CatalogueRelease)
class CatalogueReleaseAdmin(ReadOnlyAdmin):
    list_display = ("number", "digest", "published_at")
    search_fields = ("digest__exact",)
    ordering = ("-number",)
    date_hierarchy = "published_at"


@admin.register(Product)
class ProductAdmin(ReadOnlyAdmin):
    list_display = ("name", "kind", "title", "tax_category", "trial_days", "archived_at")
    list_filter = ("kind", "tax_category", "archived_at")
    search_fields = ("name", "title")
    ordering = ("position", "name")


@admin.register(Price)
class PriceAdmin(ReadOnlyAdmin):
    list_display = ("name", "version", "product", "billing", "quantity", "archived_at")
    list_filter = ("billing", "quantity", "interval_unit", "archived_at")
    search_fields = ("name", "id__exact")
    ordering = ("name", "-version")
    list_select_related = ("product",)


@admin.register(Meter)
class MeterAdmin(ReadOnlyAdmin):
    list_display = ("name", "title", "aggregation", "unit")
    list_filter = ("aggregation",)
    search_fields = ("name", "title")
    ordering = ("name",)


@admin.register(Coupon)
class CouponAdmin(ReadOnlyAdmin):
    list_display = ("code", "title", "duration", "redeemed", "max_redemptions", "expires_at")
    list_filter = ("duration", "archived_at")
    search_fields = ("code", "title")
    ordering = ("-id",)
    date_hierarchy = "created_at"


@admin.register(CouponRedemption)
class CouponRedemptionAdmin(ReadOnlyAdmin):
    list_display = ("organization_id", "coupon", "redeemed_at", "periods_left", "ended_at")
    list_filter = ("redeemed_at",)
    search_fields = ("organization_id__exact", "coupon__code")
    ordering = ("-id",)
    list_select_related = ("coupon",)
