"""Arguments, results and errors as JSON, strictly by the types of the function's annotations."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, NoReturn, NotRequired

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError, from_json, to_json
from typing_extensions import TypedDict

from kernel.boundary.annotations import hints_of
from kernel.errors import (
    DomainError,
    FieldError,
    TooMany,
    Unavailable,
    ValidationFailed,
    by_code,
)

# An unknown argument is refused: leaving it out would do something else than was asked. An
# unknown member of a result is ignored: a newer process may say more than an older one reads.
ARGUMENTS = ConfigDict(
    strict=True, extra="forbid", ser_json_inf_nan="constants", hide_input_in_errors=True
)
RESULT = ARGUMENTS | ConfigDict(extra="ignore")


class CannotEncode(TypeError):
    """A value isn't of the annotated type."""


class CannotDecode(ValueError):
    """The JSON isn't of the annotated types."""


@dataclass(frozen=True)
class Codec:
    """Both directions of one operation."""

    arguments: TypeAdapter[Any]
    result: TypeAdapter[Any]

    @classmethod
    def of(cls, function: Callable[..., Any]) -> Codec:
        """Return the codec that the function's annotations describe."""
        hints = hints_of(function)
        result = {"result": hints.pop("return")}
        for parameter in inspect.signature(function).parameters.values():
            if parameter.default is not parameter.empty:
                hints[parameter.name] = NotRequired[hints[parameter.name]]
        return cls(_adapter(hints, ARGUMENTS), _adapter(result, RESULT))

    def encode_arguments(self, arguments: Mapping[str, Any]) -> bytes:
        """Return the arguments as JSON; raise `CannotEncode` if one has another type."""
        return _encode(self.arguments, dict(arguments))

    def decode_arguments(self, body: bytes) -> dict[str, Any]:
        """Return the arguments; raise `CannotDecode`."""
        arguments: dict[str, Any] = _decode(self.arguments, body)
        return arguments

    def encode_result(self, result: Any) -> bytes:
        """Return the result as JSON; raise `CannotEncode` if it has another type."""
        return _encode(self.result, {"result": result})

    def decode_result(self, body: bytes) -> Any:
        """Return the result; raise `CannotDecode`."""
        return _decode(self.result, body)["result"]


def encode_error(error: DomainError) -> bytes:
    """Return the error as JSON; the receiver knows its class by its code."""
    fields = [asdict(field) for field in getattr(error, "errors", ())]
    return to_json(
        {
            "code": error.code,
            "detail": error.detail,
            "pointer": error.pointer,
            "details": error.details,
            "errors": fields,
        },
        fallback=str,
    )


def decode_error(body: bytes) -> DomainError:
    """Return the error; raise `CannotDecode` for a code that no class here has."""
    try:
        given = from_json(body)
        kind = by_code[given["code"]]
        # A subclass may take other arguments than the root: only the root's state travels.
        error = kind.__new__(kind)
        DomainError.__init__(error, given["detail"], pointer=given["pointer"], **given["details"])
        if isinstance(error, TooMany | Unavailable):
            error.retry_after = given["details"]["retry_after"]
        if isinstance(error, ValidationFailed):
            error.errors = tuple(FieldError(**field) for field in given["errors"])
    except (KeyError, TypeError, ValueError) as reason:
        raise CannotDecode(str(reason)) from reason
    return error


def _adapter(hints: dict[str, Any], config: ConfigDict) -> TypeAdapter[Any]:
    make: Any = TypedDict  # mypy knows its literal form alone
    members = make("members", hints)
    members.__pydantic_config__ = config
    return TypeAdapter(members)


def _encode(adapter: TypeAdapter[Any], value: dict[str, Any]) -> bytes:
    try:
        return adapter.dump_json(adapter.validate_python(value))
    except (ValidationError, PydanticSerializationError) as error:
        _refuse(CannotEncode, error)


def _decode(adapter: TypeAdapter[Any], body: bytes) -> Any:
    try:
        return adapter.validate_json(body)
    except ValidationError as error:
        _refuse(CannotDecode, error)


def _refuse(kind: type[Exception], error: Exception) -> NoReturn:
    raise kind(str(error)) from None
