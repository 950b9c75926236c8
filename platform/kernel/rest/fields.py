"""Fields for what the API writes in one way everywhere."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from rest_framework import serializers

from kernel.rest.serializers import Serializer
from kernel.rest.types import LARGEST_INTEGER

_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)\Z")


class TimestampField(serializers.DateTimeField):
    """An instant as RFC 3339 writes it: read with any offset, written in UTC with a `Z`."""

    def to_internal_value(self, value: Any) -> datetime:
        """Return the instant in UTC; a text without an offset is refused."""
        if not isinstance(value, str) or not _TIMESTAMP.match(value):
            self.fail("invalid", format="YYYY-MM-DDThh:mm:ss[.ffffff](Z|±hh:mm)")
        try:
            return datetime.fromisoformat(value.upper()).astimezone(UTC)
        except (ValueError, OverflowError):
            self.fail("invalid", format="YYYY-MM-DDThh:mm:ss[.ffffff](Z|±hh:mm)")

    def to_representation(self, value: datetime) -> str:
        """Return `2026-01-31T12:00:00Z`, with microseconds where there are any."""
        return timestamp(value)


def timestamp(value: datetime) -> str:
    """Return the instant as an RFC 3339 text in UTC ending in `Z`."""
    return value.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"


class MoneyField(Serializer):
    """Money as `{"amount": 1999, "currency": "EUR"}`: minor units and an ISO 4217 code."""

    amount = serializers.IntegerField(
        min_value=-LARGEST_INTEGER, max_value=LARGEST_INTEGER, help_text="In minor units (cents)."
    )
    currency = serializers.RegexField(r"^[A-Z]{3}\Z", help_text="ISO 4217, such as EUR.")
