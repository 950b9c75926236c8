"""The JSON of categories, preferences and mutes."""

from __future__ import annotations

from datetime import time
from typing import Any

from rest_framework import serializers

from domains.notifications.models import (
    LONGEST_PERIOD,
    MOST_IN_A_PERIOD,
    Channel,
    Frequency,
    Rhythm,
)
from domains.notifications.services.deciding.quiet import EVERY_DAY
from kernel.rest import Serializer, TimestampField

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MOST_CHOICES = 600
_KEY = r"^[a-z][a-z0-9_-]{0,62}\Z"


class CategoryIn(Serializer):
    """A category of the organization's own."""

    key = serializers.RegexField(_KEY, help_text="By which messages name it; it stays.")
    name = serializers.CharField(max_length=100)
    description = serializers.CharField(max_length=500, allow_blank=True, default="")


class CategoryChangesIn(Serializer):
    """What people see of a category."""

    name = serializers.CharField(max_length=100)
    description = serializers.CharField(max_length=500, allow_blank=True)


class ThrottleIn(Serializer):
    """How many of the category reach a recipient by one channel in any period."""

    most = serializers.IntegerField(min_value=1, max_value=MOST_IN_A_PERIOD)
    period = serializers.IntegerField(
        min_value=1, max_value=LONGEST_PERIOD, help_text="In seconds."
    )


class CategoryOut(Serializer):
    """A category; the throttle's `most` and `period` (seconds) are null where there is none."""

    key = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField()
    mandatory = serializers.BooleanField(help_text="Whether nobody can switch it off.")
    own = serializers.BooleanField(help_text="Whether it is the organization's own.")
    most = serializers.IntegerField(allow_null=True)
    period = serializers.IntegerField(allow_null=True)


class CategoriesOut(Serializer):
    """All categories that there are in the organization."""

    data = CategoryOut(many=True)  # type: ignore[assignment]  # DRF takes fields off the class
    next_cursor = serializers.CharField(allow_null=True, help_text="Always null: all are here.")


class ChoiceIn(Serializer):
    """How soon one is told of a category by a channel."""

    category = serializers.CharField(max_length=64, help_text="Its key.")
    channel = serializers.ChoiceField(Channel.choices)
    frequency = serializers.ChoiceField(Frequency.choices)


class ChoiceOut(ChoiceIn):
    """What holds for a category and a channel, and whose word it is."""

    name = serializers.CharField()
    mandatory = serializers.BooleanField()
    said_by = serializers.ChoiceField(["person", "organization", "product"])


class QuietHours(Serializer):
    """When one wants quiet, by the clock of one's time zone; beyond midnight if it ends earlier."""

    start = serializers.TimeField(format="%H:%M", input_formats=["%H:%M"])
    end = serializers.TimeField(format="%H:%M", input_formats=["%H:%M"])
    weekdays = serializers.ListField(
        child=serializers.ChoiceField(WEEKDAYS),
        max_length=len(WEEKDAYS),
        allow_empty=False,
        default=list(WEEKDAYS),
        help_text="On which it begins; all if left out.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse quiet hours that never end, or never begin."""
        if attrs["start"] == attrs["end"]:
            raise serializers.ValidationError({"end": ["It must differ from the start."]})
        return attrs


class DigestTime(Serializer):
    """When what was gathered is told, by the clock of one's time zone."""

    hour = serializers.IntegerField(min_value=0, max_value=23)
    weekday = serializers.ChoiceField(WEEKDAYS, help_text="Of the weekly one.")


class PreferencesIn(Serializer):
    """All that one wants; of what is left out, what the organization says holds."""

    preferences = ChoiceIn(many=True, max_length=MOST_CHOICES)  # type: ignore[call-arg]
    quiet_hours = QuietHours(allow_null=True)
    digest = DigestTime()


class PreferencesOut(Serializer):
    """All that holds for a person in the current organization."""

    preferences = ChoiceOut(many=True)
    quiet_hours = QuietHours(allow_null=True)
    digest = DigestTime()


class DefaultsIn(Serializer):
    """What members are told unless they say; of what is left out, everything and at once."""

    preferences = ChoiceIn(many=True, max_length=MOST_CHOICES)  # type: ignore[call-arg]


class DefaultsOut(Serializer):
    """What holds for members who say nothing."""

    preferences = ChoiceOut(many=True)


class MuteOut(Serializer):
    """A thing of which one wants to hear no more."""

    subject_id = serializers.UUIDField()
    created_at = TimestampField()


def to_rhythm(quiet: dict[str, Any] | None, digest: dict[str, Any]) -> dict[str, Any]:
    """Return a rhythm as it is kept, from what the API says."""
    hours = quiet or {"start": None, "end": None, "weekdays": ()}
    return {
        "quiet_from": hours["start"],
        "quiet_until": hours["end"],
        "quiet_days": sorted({WEEKDAYS.index(day) for day in hours["weekdays"]}),
        "digest_hour": digest["hour"],
        "digest_day": WEEKDAYS.index(digest["weekday"]),
    }


def from_rhythm(rhythm: Rhythm) -> dict[str, Any]:
    """Return what the API says of a rhythm."""
    start: time | None = rhythm.quiet_from
    quiet = {
        "start": start,
        "end": rhythm.quiet_until,
        "weekdays": [WEEKDAYS[day] for day in rhythm.quiet_days or EVERY_DAY],
    }
    return {
        "quiet_hours": quiet if start is not None else None,
        "digest": {"hour": rhythm.digest_hour, "weekday": WEEKDAYS[rhythm.digest_day]},
    }
