"""Coupons, which staff make and archive, and who redeemed them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from domains.billing.admin.money import shown
from domains.billing.models import Coupon, CouponRedemption
from domains.billing.services import catalogue
from domains.billing.services.catalogue import coupons
from kernel.clock import now
from kernel.staff import ReadOnlyAdmin, ReasonedAdmin

GIVEN = (
    "code",
    "title",
    "percent",
    "amounts",
    "duration",
    "periods",
    "products",
    "max_redemptions",
    "expires_at",
)


def _products() -> list[tuple[str, str]]:
    sold = catalogue.get_catalogue()
    return [(product.name, product.title) for product in (*sold.plans, *sold.add_ons)]


class CouponForm(ModelForm):
    """What a new coupon says."""

    products = forms.MultipleChoiceField(
        choices=_products,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="Those it is for; all, if none is chosen.",
    )

    def clean_code(self) -> str:
        """Return the code as it is kept."""
        return coupons.normalized(self.cleaned_data["code"])

    def clean_amounts(self) -> dict[str, int]:
        """Return the amounts by currency."""
        try:
            return coupons.checked_amounts(self.cleaned_data["amounts"] or {})
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error


@admin.register(Coupon)
class CouponAdmin(ReasonedAdmin):
    form = CouponForm
    list_display = (
        "code",
        "title",
        "takes_off",
        "duration",
        "redeemed",
        "max_redemptions",
        "expires_at",
        "archived_at",
    )
    list_filter = ("duration", "archived_at")
    search_fields = ("code", "title")
    ordering = ("-id",)
    date_hierarchy = "created_at"
    actions = ("archive",)

    @display(description="Takes off")
    def takes_off(self, coupon: Coupon) -> str:
        if coupon.percent is not None:
            return f"{coupon.percent.normalize():f} %"
        return ", ".join(shown(amount, code) for code, amount in coupon.amounts.items())

    def get_fields(self, request: HttpRequest, obj: Coupon | None = None) -> tuple[str, ...]:
        """Return what is asked of a new coupon, and what is shown of one that there is."""
        return GIVEN if obj is None else (*GIVEN, "redeemed", "created_at", "archived_at")

    def has_change_permission(self, request: HttpRequest, obj: Coupon | None = None) -> bool:
        """Refuse: what customers were promised stays so."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Coupon | None = None) -> bool:
        """Refuse."""
        return False

    def has_archive_permission(self, request: HttpRequest) -> bool:
        """Return whether the user may have coupons taken no longer."""
        return bool(request.user.has_perm("domains_billing.change_coupon"))

    def save_model(self, request: HttpRequest, obj: Coupon, form: Any, change: Any) -> None:
        """Keep the new coupon with the time it was made."""
        obj.created_at = now()
        super().save_model(request, obj, form, change)

    @action(description="Archive: take it no longer", permissions=["archive"])
    def archive(self, request: HttpRequest, chosen: QuerySet[Coupon]) -> None:
        present = list(chosen.filter(archived_at=None))
        for coupon in present:
            self.log_deed(request, coupon, "Archived")
            coupons.archive(coupon_id=coupon.id, now=now())
        messages.success(request, f"{len(present)} coupons are taken no longer.")


@admin.register(CouponRedemption)
class CouponRedemptionAdmin(ReadOnlyAdmin):
    list_display = ("organization_id", "coupon", "redeemed_at", "periods_left", "ended_at")
    list_filter = ("redeemed_at",)
    search_fields = ("organization_id__exact", "coupon__code")
    ordering = ("-id",)
    list_select_related = ("coupon",)
