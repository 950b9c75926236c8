"""Redeemed coupons over HTTP."""

from __future__ import annotations

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from domains.billing.api import examples_catalogue
from domains.billing.api.serializers_usage import QuantityField
from domains.billing.services.catalogue import own_coupons
from kernel.errors import Forbidden
from kernel.rest import MoneyField, Serializer, TimestampField, caller, operation, single

_COUPONS = """
A coupon is redeemed with `PUT billing/subscription` and its `coupon`, also for the plan that is in
force; `POST billing/subscription/preview` shows what it would take off, and redeems nothing.
"""


class CouponOut(Serializer):
    """A coupon that was redeemed: it takes a percentage off, or an amount by currency."""

    code = serializers.CharField()
    title = serializers.CharField(help_text="As invoices call it.")
    percent = QuantityField(allow_null=True, help_text="15 is 15 %.")
    amounts = MoneyField(many=True)
    products = serializers.ListField(
        child=serializers.CharField(), help_text="Of what it takes off; of all, if there are none."
    )
    invoices_left = serializers.IntegerField(
        allow_null=True, help_text="For how many more it counts; null is for good."
    )
    redeemed_at = TimestampField()
    ended_at = TimestampField(allow_null=True, help_text="Since when it counts no more.")


class CouponsOut(Serializer):
    """All of them, the first redeemed first."""

    data = CouponOut(many=True)  # type: ignore[assignment]  # DRF takes fields off the class
    next_cursor = serializers.CharField(allow_null=True, help_text="Always null: all are here.")


class Coupons(APIView):
    @operation(
        "listCoupons",
        "List the coupons that the current organization redeemed",
        description=_COUPONS,
        response=CouponsOut,
        response_example=examples_catalogue.COUPONS,
        problems=(Forbidden,),
    )
    def get(self, request: Request) -> Response:
        found = own_coupons.list_coupons(principal=caller(request))
        return single(request, CouponsOut.render({"data": found, "next_cursor": None}))
