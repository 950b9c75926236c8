"""A serializer that takes exactly what it declares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.fields import Field
from rest_framework.request import Request

from kernel.errors import FieldError
from kernel.rest.types import wrong_types


class Serializer(serializers.Serializer):
    """Refuses unknown fields and wrong JSON types: a number is no string, a boolean no number."""

    @classmethod
    def parse(cls, request: Request, *, partial: bool = False) -> dict[str, Any]:
        """Return the request's validated document; with `partial` (PATCH) no field is required.

        Raises DRF's `ValidationError`, which the gateway answers as 422 with JSON pointers.
        """
        serializer = cls(data=request.data, partial=partial)
        serializer.is_valid(raise_exception=True)
        values: dict[str, Any] = serializer.validated_data
        return values

    @classmethod
    def render(cls, instance: Any) -> dict[str, Any]:
        """Return one instance as a JSON object."""
        shown: dict[str, Any] = _renderer(cls).to_representation(instance)
        return shown

    @classmethod
    def render_all(cls, instances: Any) -> list[dict[str, Any]]:
        """Return many instances as JSON objects."""
        serializer = _renderer(cls)
        return [serializer.to_representation(instance) for instance in instances]

    def to_internal_value(self, data: Any) -> Any:
        """Return the validated values; raise `ValidationError` with every wrong field."""
        if not isinstance(data, dict):
            raise ValidationError({"": [ErrorDetail("An object is expected.", code="type")]})
        refused = self._unknown(data) | self._wrongly_typed(data)
        try:
            values = super().to_internal_value(data)
        except ValidationError as error:
            raise ValidationError(_mapping(error.detail) | refused) from error
        if refused:
            raise ValidationError(refused)
        return values

    def _unknown(self, data: Mapping[str, Any]) -> dict[str, Any]:
        writable = {field.field_name for field in self._writable_fields}
        return {
            name: [ErrorDetail("This field can't be set here.", code="unknown")]
            for name in data
            if name not in writable
        }

    def _wrongly_typed(self, data: Mapping[str, Any]) -> dict[str, Any]:
        fields = {str(field.field_name): field for field in self._writable_fields}
        found = {
            name: wrong_types(field, data[name])
            for name, field in fields.items()
            if data.get(name) is not None
        }
        return {name: error for name, error in found.items() if error}


@cache
def _renderer(kind: type[Serializer]) -> Serializer:
    """Return one serializer for all answers: it keeps nothing, and its fields are slow to copy."""
    return kind()


def _mapping(detail: Any) -> dict[str, Any]:
    return dict(detail) if isinstance(detail, Mapping) else {"": detail}


def field_errors(detail: Any, pointer: str = "") -> Iterator[FieldError]:
    """Yield DRF's nested error detail as a flat series with JSON pointers (RFC 6901)."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            yield from field_errors(inner, pointer + reference_token(name))
    elif isinstance(detail, list):
        for index, inner in enumerate(detail):
            nested = isinstance(inner, Mapping | list)
            yield from field_errors(inner, f"{pointer}/{index}" if nested else pointer)
    else:
        code = getattr(detail, "code", None) or "invalid"
        yield FieldError(pointer=pointer, code=code, detail=str(detail))


def reference_token(name: Any) -> str:
    """Return a member's name as a step of a JSON pointer (RFC 6901, 3)."""
    if name in ("", "non_field_errors"):
        return ""
    return "/" + str(name).replace("~", "~0").replace("/", "~1")


__all__ = ["Field", "Serializer", "field_errors", "reference_token"]
