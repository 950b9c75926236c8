"""Which JSON types a serializer field takes: DRF's own fields convert, these refuse."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail
from rest_framework.fields import Field

# I-JSON: beyond these a number does not survive every client (RFC 7493, 2.2).
LARGEST_INTEGER = 2**53 - 1

_TYPES: tuple[tuple[type[Field], tuple[type, ...], str], ...] = (
    (serializers.BooleanField, (bool,), "A boolean is expected."),
    (serializers.IntegerField, (int,), "An integer is expected."),
    (serializers.FloatField, (int, float), "A number is expected."),
    (serializers.ListField, (list,), "An array is expected."),
    (serializers.ListSerializer, (list,), "An array is expected."),
    (serializers.MultipleChoiceField, (list,), "An array is expected."),
    (serializers.DictField, (dict,), "An object is expected."),
    (serializers.Serializer, (dict,), "An object is expected."),
)
_TEXT = (
    serializers.CharField,
    serializers.ChoiceField,
    serializers.UUIDField,
    serializers.DecimalField,
    serializers.DateTimeField,
    serializers.DateField,
    serializers.TimeField,
    serializers.DurationField,
)


def wrong_types(field: Field, value: Any) -> Any:
    """Return DRF's error detail for what is wrongly typed; something empty if nothing is.

    A serializer looks after its own fields, so nested objects are only asked to be objects.
    """
    expected = _expected(field)
    if expected is not None:
        types, message = expected
        if type(value) not in types:
            return [ErrorDetail(message, code="type")]
        if type(value) is int and abs(value) > LARGEST_INTEGER:
            return [ErrorDetail("The number is out of range.", code="out_of_range")]
    if isinstance(field, serializers.ListField):
        return _of_items(field.child, value)
    return None


def _expected(field: Field) -> tuple[tuple[type, ...], str] | None:
    for kind, types, message in _TYPES:
        if isinstance(field, kind):
            return types, message
    if isinstance(field, _TEXT):
        return (str,), "A string is expected."
    return None


def _of_items(child: Field, items: list[Any]) -> dict[int, Any]:
    found = {i: wrong_types(child, item) for i, item in enumerate(items) if item is not None}
    return {index: error for index, error in found.items() if error}
