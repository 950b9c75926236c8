"""The JSON of preferences: typed keys, and free ones under `custom.`."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from domains.users.services.preferences import (
    CHOICES,
    CUSTOM_KEY,
    LONGEST_TEXT,
    MOST_CUSTOM,
    SWITCHES,
)

LARGEST_NUMBER = 2**53 - 1
_TEXT = {"type": "string", "maxLength": LONGEST_TEXT}
_CUSTOM = {"oneOf": [_TEXT, {"type": ["number", "boolean", "null"]}]}


@extend_schema_field(
    {
        "type": "object",
        "properties": {
            **{key: {"enum": [*values, None]} for key, values in CHOICES.items()},
            **{key: {"type": ["boolean", "null"]} for key in SWITCHES},
        },
        "patternProperties": {f"^{CUSTOM_KEY.pattern}$": _CUSTOM},
        "additionalProperties": False,
        "description": f"Up to {MOST_CUSTOM} keys of a client's own begin with `custom.`.",
    }
)
class PreferencesField(serializers.Field):
    """An object of preferences; null stands for taking a key away."""

    default_error_messages = {"type": "An object is expected."}

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """Return the object; raise `ValidationError` with every wrong key."""
        if not isinstance(data, dict):
            self.fail("type")
        wrong = {key: problem for key in data if (problem := _problem(key, data[key]))}
        if wrong:
            raise ValidationError(wrong)
        return data

    def to_representation(self, value: Any) -> Any:
        """Return it as it is kept."""
        return value


def _problem(key: str, value: Any) -> list[ErrorDetail] | None:
    """Return what is wrong with a preference, None if nothing is."""
    if key in CHOICES:
        right = value is None or value in CHOICES[key]
        expected = f"One of {', '.join(CHOICES[key])} is expected."
    elif key in SWITCHES:
        right, expected = value is None or isinstance(value, bool), "A boolean is expected."
    elif CUSTOM_KEY.fullmatch(key):
        right = value is None or _is_custom(value)
        expected = f"A string up to {LONGEST_TEXT}, a number or a boolean is expected."
    else:
        return [ErrorDetail("There is no such preference.", code="unknown")]
    return None if right else [ErrorDetail(expected, code="invalid")]


def _is_custom(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) <= LONGEST_TEXT and "\0" not in value
    return isinstance(value, bool | int | float) and abs(value) <= LARGEST_NUMBER
