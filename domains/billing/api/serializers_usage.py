"""The JSON of use and entitlements."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from domains.billing.api.serializers import AllowanceOut
from domains.billing.contract.entitlements import FeatureKind
from domains.billing.contract.usage import UsageVerdict
from domains.billing.models import Meter
from kernel.rest import Serializer, TimestampField

_LARGEST = 2**53 - 1


class FeatureOut(Serializer):
    """How the organization stands with a feature; what has no limit has null."""

    feature = serializers.CharField()
    kind = serializers.ChoiceField([kind.value for kind in FeatureKind])
    allowed = serializers.BooleanField(help_text="Whether so much more may be used.")
    limit = serializers.IntegerField(allow_null=True, help_text="What the plan allows.")
    soft = serializers.BooleanField(help_text="Whether more is taken all the same.")
    used = serializers.IntegerField()
    reserved = serializers.IntegerField()
    granted = serializers.IntegerField(help_text="What is left of grants on top of the limit.")
    remaining = serializers.IntegerField(allow_null=True)
    resets_at = TimestampField(allow_null=True, help_text="When the period of `used` ends.")


class EntitlementsOut(AllowanceOut):
    """What the current organization is allowed, and how it stands with each feature."""

    organization_id = serializers.UUIDField()
    plan = serializers.CharField()
    features = FeatureOut(many=True)


class CheckIn(Serializer):
    """How much more of a feature would be used."""

    feature = serializers.RegexField(r"^[a-z][a-z0-9_]{0,63}\Z")
    amount = serializers.IntegerField(min_value=1, max_value=_LARGEST, default=1)


class ConsumeIn(CheckIn):
    """How much of a feature is used; the same key is the same use."""

    key = serializers.RegexField(r"^[ -~]{1,100}\Z")


class UsageEventIn(Serializer):
    """Something that was used. Its `property` is what a meter of different values counts."""

    id = serializers.RegexField(r"^[ -~]{1,100}\Z", help_text="Yours: it counts once.")
    meter = serializers.CharField(max_length=64)
    value = serializers.DecimalField(
        max_digits=30, decimal_places=12, default=Decimal(1), help_text="As text, such as 2.5."
    )
    property = serializers.CharField(max_length=200, default="", allow_blank=True)
    occurred_at = TimestampField()


class UsageIn(Serializer):
    """What was used."""

    events = UsageEventIn(many=True, min_length=1, max_length=1000)  # type: ignore[call-arg]


class UsageTakenOut(Serializer):
    """What became of an event; only what was `accepted`, now or before, counts."""

    id = serializers.CharField()
    verdict = serializers.ChoiceField([verdict.value for verdict in UsageVerdict])


class UsageAnswersOut(Serializer):
    """What became of each event, in the order in which they were sent."""

    data = UsageTakenOut(many=True)  # type: ignore[assignment]  # DRF takes fields off the class


class QuantityField(serializers.DecimalField):
    """An exact number as text, without zeros at its end."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_digits=50, decimal_places=12, **options)

    def to_representation(self, value: Decimal) -> str:
        """Return `1284.5`, and 0 as `0`."""
        return f"{value:f}".rstrip("0").rstrip(".") if value % 1 else f"{value:.0f}"


class MeterUsageOut(Serializer):
    """How much was used by one meter."""

    meter = serializers.CharField()
    title = serializers.CharField()
    unit = serializers.CharField()
    aggregation = serializers.ChoiceField(Meter.Aggregation.choices)
    quantity = QuantityField()
    events = serializers.IntegerField(help_text="How often it was told of.")


class UsageOut(Serializer):
    """What was used in a period that ends just before `period_end`, by every meter."""

    period_start = TimestampField(source="period.start")
    period_end = TimestampField(source="period.end")
    data = MeterUsageOut(many=True, source="meters")  # type: ignore[assignment]
    next_cursor = serializers.CharField(allow_null=True, help_text="Always null: all are here.")
