"""Billing's JSON."""

from __future__ import annotations

from rest_framework import serializers

from kernel.rest import MoneyField, Serializer


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
