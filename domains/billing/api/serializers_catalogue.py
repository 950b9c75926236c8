"""What is for sale, as JSON."""

from __future__ import annotations

from rest_framework import serializers

from domains.billing.api.serializers import AllowanceOut
from kernel.rest import MoneyField, Serializer


class _Number(serializers.CharField):
    def __init__(self) -> None:
        super().__init__(required=False, help_text="In minor units; may be a fraction of one.")


class PlanFeatureOut(Serializer):
    """Something that is allowed."""

    name = serializers.CharField()
    kind = serializers.ChoiceField(
        ["boolean", "static", "metered"], help_text="Metered: so much in each period."
    )
    limit = serializers.IntegerField(allow_null=True, help_text="Null for `boolean`.")
    soft = serializers.BooleanField(help_text="Whether more than the limit is let through.")


class TierOut(Serializer):
    """A part of what is used, up to and with `up_to`."""

    up_to = serializers.CharField(allow_null=True, help_text="Null: without end.")
    unit_amount = _Number()
    rate = serializers.CharField(required=False, help_text="0.05 is 5 %.")
    flat_amount = _Number()


class TermsOut(Serializer):
    """What is charged in one currency; which fields there are depends on the model."""

    model = serializers.ChoiceField(
        [
            "flat",
            "per_unit",
            "graduated",
            "volume",
            "package",
            "percentage",
            "graduated_percentage",
        ]
    )
    amount = _Number()
    unit_amount = _Number()
    free_units = serializers.CharField(required=False)
    size = serializers.CharField(required=False, help_text="Of a package, in units.")
    rate = serializers.CharField(required=False, help_text="0.05 is 5 %.")
    flat_amount = _Number()
    free_amount = _Number()
    tiers = TierOut(many=True, required=False)


class PriceOut(Serializer):
    """A version of a price, which never changes."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    title = serializers.CharField()
    version = serializers.IntegerField()
    interval = serializers.ChoiceField(["day", "week", "month", "year"], source="interval.unit")
    interval_count = serializers.IntegerField(source="interval.count")
    billing = serializers.ChoiceField(
        ["advance", "arrears"], help_text="Before the period, or after it."
    )
    quantity = serializers.ChoiceField(["fixed", "seats", "usage"], help_text="Of what it is.")
    meter = serializers.CharField(allow_null=True, help_text="What counts, if it is of usage.")
    tax_inclusive = serializers.BooleanField()
    terms = serializers.DictField(child=TermsOut(), help_text="By currency (ISO 4217).")


class ProductOut(Serializer):
    """What plans and add-ons have in common."""

    name = serializers.CharField(help_text="What `PUT billing/subscription` takes.")
    title = serializers.CharField()
    description = serializers.CharField()
    price = MoneyField()
    interval = serializers.ChoiceField(
        ["day", "week", "month", "year"], help_text="What the price is for."
    )
    features = PlanFeatureOut(many=True)
    prices = PriceOut(many=True)


class PlanOut(ProductOut):
    """A plan of the catalogue."""

    trial_days = serializers.IntegerField(help_text="Before anything is charged.")
    entitlements = AllowanceOut()


class PlansOut(Serializer):
    """The catalogue, whole."""

    data = PlanOut(many=True)  # type: ignore[assignment]  # DRF takes fields off the class
    add_ons = ProductOut(many=True, help_text="What they allow is added to what the plan does.")
    next_cursor = serializers.CharField(allow_null=True, help_text="Always null: all are here.")
