"""Billing's JSON."""

from __future__ import annotations

from rest_framework import serializers

from domains.billing.services.subscriptions import CONFIRM, Status
from kernel.rest import MoneyField, Serializer, TimestampField


class AllowanceOut(Serializer):
    """What a plan allows."""

    seats = serializers.IntegerField(help_text="Members and open invitations, together.")
    storage_bytes = serializers.IntegerField()
    requests_per_minute = serializers.IntegerField()
    audit_retention_days = serializers.IntegerField(help_text="How long the audit log goes back.")


class PlanOut(Serializer):
    """A plan of the catalogue."""

    name = serializers.CharField(help_text="What `PUT billing/subscription` takes.")
    title = serializers.CharField()
    price = MoneyField()
    interval = serializers.ChoiceField(["month"], help_text="What the price is for.")
    entitlements = AllowanceOut()


class PlansOut(Serializer):
    """The catalogue, whole."""

    data = PlanOut(many=True)  # type: ignore[assignment]  # DRF takes fields off the class
    next_cursor = serializers.CharField(allow_null=True, help_text="Always null: all are here.")


class SubscriptionIn(Serializer):
    """The plan to be on, and what to pay it with."""

    plan = serializers.CharField(max_length=64)
    payment_method = serializers.RegexField(
        r"^pm_[A-Za-z0-9_]{1,250}\Z",
        required=False,
        allow_null=True,
        help_text="The provider's token, never a card number. Needed for a plan with a price.",
    )


class NextActionOut(Serializer):
    """What the customer has to do."""

    type = serializers.ChoiceField([CONFIRM])
    provider = serializers.CharField()
    reference = serializers.CharField(help_text="The charge's id at the provider.")


class PendingPaymentOut(Serializer):
    """A payment whose end isn't known yet."""

    id = serializers.UUIDField()
    plan = serializers.CharField(help_text="The plan that comes into force once it is paid.")
    price = MoneyField()
    status = serializers.ChoiceField(["pending", "requires_action"], source="state")
    next_action = NextActionOut(allow_null=True)
    expires_at = TimestampField(allow_null=True, help_text="Until when it can be confirmed.")


class SubscriptionOut(Serializer):
    """The plan in force, and the payment that would change it."""

    organization_id = serializers.UUIDField()
    plan = serializers.CharField(help_text="The plan in force.")
    status = serializers.ChoiceField(
        [status.value for status in Status],
        help_text="`incomplete` while the first payment for a paid plan is open.",
    )
    activated_at = TimestampField(allow_null=True, help_text="Null before the first change.")
    pending_payment = PendingPaymentOut(allow_null=True)


class EntitlementsOut(AllowanceOut):
    """What the current organization is allowed."""

    organization_id = serializers.UUIDField()
    plan = serializers.CharField()
