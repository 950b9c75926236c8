"""The event types that domains declare, by name."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from functools import cached_property
from typing import Any, TypeVar

from pydantic import TypeAdapter

T = TypeVar("T")

NAME = re.compile(r"^[a-z]+\.[a-z]+(_[a-z]+)*\.v[1-9][0-9]*$")

by_name: dict[str, EventType] = {}
_by_class: dict[type[Any], EventType] = {}


class NotAnEvent(TypeError):
    """The class was not declared with `@event`."""


@dataclass(frozen=True)
class EventType:
    """One kind of event: `aggregate` names the field that holds whose story it belongs to."""

    name: str
    payload: type[Any]
    aggregate: str

    @property
    def domain(self) -> str:
        """The domain that publishes it."""
        return self.name.partition(".")[0]

    @cached_property
    def _adapter(self) -> TypeAdapter[Any]:
        return TypeAdapter(self.payload)

    def dump(self, said: object) -> dict[str, Any]:
        """Return the event's facts as plain JSON.

        Raises `pydantic_core.PydanticSerializationError` if a field isn't of its declared type.
        """
        payload: dict[str, Any] = self._adapter.dump_python(said, mode="json", warnings="error")
        return payload


def event(name: str, *, aggregate: str) -> Callable[[type[T]], type[T]]:
    """Declare a frozen dataclass as the event `<domain>.<past_tense>.v<number>`.

    Events with the same value in the field `aggregate` keep their order. Raises TypeError when
    the name is malformed or taken, or the class isn't a dataclass with that field.
    """

    def declare(payload: type[T]) -> type[T]:
        _check(name, payload, aggregate)
        declared = EventType(name, payload, aggregate)
        by_name[name] = _by_class[payload] = declared
        return payload

    return declare


def _check(name: str, payload: type[Any], aggregate: str) -> None:
    if not NAME.match(name):
        raise TypeError(f"{name} is not <domain>.<past_tense>.v<number>")
    if not is_dataclass(payload) or aggregate not in {field.name for field in fields(payload)}:
        raise TypeError(f"{payload.__qualname__} is not a dataclass with a field {aggregate}")
    known = by_name.get(name)
    if known and (known.payload.__module__, known.payload.__qualname__) != (
        payload.__module__,
        payload.__qualname__,
    ):
        raise TypeError(f"The event {name} is declared twice")


def type_of(said: object) -> EventType:
    """Return how the event was declared; raise `NotAnEvent` if it wasn't."""
    try:
        return _by_class[type(said)]
    except KeyError:
        raise NotAnEvent(f"{type(said).__qualname__} is not declared with @event") from None
