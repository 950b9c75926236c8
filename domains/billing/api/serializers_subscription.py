"""A subscription's JSON."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from domains.billing.models import SubscriptionState
from domains.billing.services.arithmetic import Interval, IntervalUnit
from domains.billing.services.subscriptions.quoting import Policy
from domains.billing.services.subscriptions.reading import CONFIRM, Status
from domains.billing.services.subscriptions.wishes import Wish
from kernel.rest import MoneyField, Serializer, TimestampField

UNITS = [unit.value for unit in IntervalUnit]
LARGEST_QUANTITY = 1_000_000
REASON = "Why, in the customer's words."


def payment_method(**options: Any) -> serializers.RegexField:
    """Return the field of a payment method."""
    return serializers.RegexField(
        r"^pm_[A-Za-z0-9_]{1,250}\Z", required=False, allow_null=True, **options
    )


class AddOnIn(Serializer):
    """So many of an add-on; 0 for none."""

    name = serializers.CharField(max_length=64)
    quantity = serializers.IntegerField(min_value=0, max_value=LARGEST_QUANTITY)


class WishIn(Serializer):
    """What to be subscribed to. What is left out stays as it is, or is what is usual."""

    plan = serializers.CharField(max_length=64)
    interval = serializers.ChoiceField(
        UNITS, required=False, help_text="How often it is paid: one that the plan is sold at."
    )
    interval_count = serializers.IntegerField(
        min_value=1, max_value=366, default=1, help_text="Every so many intervals."
    )
    quantity = serializers.IntegerField(
        min_value=1,
        max_value=LARGEST_QUANTITY,
        required=False,
        help_text="Of the plan, where its price is for one.",
    )
    add_ons = AddOnIn(many=True, required=False, help_text="All of them: others are taken off.")
    currency = serializers.RegexField(
        r"^[A-Z]{3}\Z", required=False, help_text="ISO 4217; chosen with the first plan paid."
    )
    coupon = serializers.CharField(
        max_length=64, required=False, help_text="The code of a coupon to redeem with it."
    )
    policy = serializers.ChoiceField(
        [policy.value for policy in Policy],
        required=False,
        help_text="When it happens; by default `now` for what is dearer, else `period_end`.",
    )


class SubscriptionIn(WishIn):
    """The plan to be on, and what to pay it with."""

    payment_method = payment_method(
        help_text="The provider's token, never a card number. Needed where something is due and "
        "there is no default."
    )
    preview_token = serializers.CharField(
        max_length=20_000,
        required=False,
        help_text="Of a preview of the same: exactly what it showed is charged.",
    )


def wish_of(values: dict[str, Any]) -> Wish:
    """Return what is wished."""
    unit, add_ons = values.get("interval"), values.get("add_ons")
    return Wish(
        plan=values["plan"],
        interval=Interval(unit=IntervalUnit(unit), count=values["interval_count"])
        if unit
        else None,
        quantity=values.get("quantity"),
        add_ons=None if add_ons is None else {each["name"]: each["quantity"] for each in add_ons},
        currency=values.get("currency"),
        coupon=values.get("coupon"),
        policy=Policy(values["policy"]) if "policy" in values else None,
    )


class CancelIn(Serializer):
    """When the plan ends, and why."""

    at = serializers.ChoiceField(
        ["period_end", "now"],
        default="period_end",
        help_text="Now, what is left of the paid time becomes the organization's credit.",
    )
    reason = serializers.CharField(
        max_length=200, required=False, allow_blank=True, default="", help_text=REASON
    )


class PauseIn(Serializer):
    """Until when the plan is paused."""

    resumes_at = TimestampField(
        required=False, allow_null=True, help_text="When it goes on by itself; never, if null."
    )


class ResumeIn(Serializer):
    """What to pay the period with that begins."""

    payment_method = payment_method(help_text="The default one, if left out.")


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


class PeriodOut(Serializer):
    """From `start` until just before `end`."""

    start = TimestampField()
    end = TimestampField()


class AddOnOut(Serializer):
    """So many of an add-on."""

    name = serializers.CharField()
    quantity = serializers.IntegerField()


class ScheduledChangeOut(Serializer):
    """What is going to happen."""

    kind = serializers.ChoiceField(["plan", "cancel"])
    plan = serializers.CharField(help_text="The plan that is then in force.")
    due_at = TimestampField()


class SubscriptionOut(Serializer):
    """The plan in force, the payment that would change it, and what it consists of."""

    organization_id = serializers.UUIDField()
    plan = serializers.CharField(help_text="The plan in force.")
    status = serializers.ChoiceField(
        [status.value for status in Status],
        help_text="`incomplete` while the first payment for a paid plan is open.",
    )
    activated_at = TimestampField(allow_null=True, help_text="Null before the first change.")
    pending_payment = PendingPaymentOut(allow_null=True)
    state = serializers.ChoiceField(
        SubscriptionState.values,
        source="details.state",
        allow_null=True,
        help_text="Null, as all that follows, where there is no subscription: on `free`.",
    )
    interval = serializers.ChoiceField(
        UNITS, source="details.interval.unit", allow_null=True, help_text="How often it is paid."
    )
    interval_count = serializers.IntegerField(source="details.interval.count", allow_null=True)
    currency = serializers.CharField(source="details.currency", allow_null=True)
    current_period = PeriodOut(source="details.current_period", allow_null=True)
    quantity = serializers.IntegerField(source="details.quantity", allow_null=True)
    add_ons = AddOnOut(source="details.add_ons", many=True, allow_null=True)
    trial_end = TimestampField(source="details.trial_end", allow_null=True)
    resumes_at = TimestampField(source="details.resumes_at", allow_null=True)
    cancel_at = TimestampField(source="details.cancel_at", allow_null=True)
    scheduled_changes = ScheduledChangeOut(
        source="details.scheduled_changes", many=True, allow_null=True
    )


class PreviewLineOut(Serializer):
    """A line as it will stand in the invoice; negative, if it gives something back."""

    kind = serializers.ChoiceField(["recurring", "usage", "proration", "credit"])
    description = serializers.CharField()
    product = serializers.CharField()
    quantity = serializers.CharField(help_text="A decimal number.")
    amount = MoneyField(help_text="With tax, if `tax_inclusive`.")
    discount = MoneyField()
    net = MoneyField(help_text="After discount, without tax.")
    tax_rate = serializers.CharField(help_text="0.19 is 19 %.")
    tax = MoneyField()
    tax_inclusive = serializers.BooleanField()
    period = PeriodOut()


class PreviewOut(Serializer):
    """What a change would make of the subscription, and cost."""

    plan = serializers.CharField()
    policy = serializers.ChoiceField([policy.value for policy in Policy])
    lines = PreviewLineOut(many=True)
    subtotal = MoneyField(help_text="Without discounts and taxes.")
    discount = MoneyField()
    tax = MoneyField()
    total = MoneyField()
    from_balance = MoneyField(help_text="What the organization's credit pays of it.")
    to_balance = MoneyField(help_text="What becomes the organization's credit.")
    due = MoneyField(help_text="What is charged at once.")
    period = PeriodOut(help_text="The period afterwards.")
    trial_end = TimestampField(allow_null=True)
    scheduled_for = TimestampField(allow_null=True, help_text="When it happens, if not at once.")
    preview_token = serializers.CharField(help_text="Pins price and instant for a `PUT`.")
    expires_at = TimestampField()
