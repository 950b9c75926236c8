"""Which types may cross a domain's interface: plain data that means the same in every process."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

SCALARS = frozenset({bool, int, float, str, UUID, datetime, date, Decimal, type(None)})
KEYS = frozenset({str, int, UUID})


def problems_of(annotation: Any, *, seen: frozenset[type] = frozenset()) -> Iterator[str]:
    """Yield what keeps the annotation from crossing a boundary, if anything does."""
    origin = get_origin(annotation)
    if annotation in SCALARS or _is(annotation, Enum):
        return
    if isinstance(annotation, type) and dataclasses.is_dataclass(annotation) and origin is None:
        yield from _dataclass(annotation, seen)
    elif origin in (Union, types.UnionType):
        yield from _optional(annotation, seen)
    elif origin in (list, tuple, dict):
        yield from _container(origin, get_args(annotation), seen)
    else:
        yield f"{_name(annotation)} is not plain data"


def hints_of(owner: Any) -> dict[str, Any]:
    """Return the resolved annotations; raise TypeError if a name in them can't be resolved."""
    try:
        return get_type_hints(owner)
    except NameError as error:
        raise TypeError(f"{_name(owner)} is annotated with an unknown name: {error}") from error


def _dataclass(annotation: type, seen: frozenset[type]) -> Iterator[str]:
    if annotation in seen:
        return
    if not annotation.__dataclass_params__.frozen:  # type: ignore[attr-defined]
        yield f"{_name(annotation)} is a dataclass that isn't frozen"
    hints = hints_of(annotation)
    for field in dataclasses.fields(annotation):
        for problem in problems_of(hints[field.name], seen=seen | {annotation}):
            yield f"{_name(annotation)}.{field.name}: {problem}"


def _optional(annotation: Any, seen: frozenset[type]) -> Iterator[str]:
    members = [member for member in get_args(annotation) if member is not type(None)]
    if len(members) > 1:
        yield f"{annotation} is a union of several types"
    for member in members:
        yield from problems_of(member, seen=seen)


def _container(origin: Any, members: tuple[Any, ...], seen: frozenset[type]) -> Iterator[str]:
    if origin is dict and not (members[0] in KEYS or _is(members[0], Enum)):
        yield f"{_name(members[0])} can't be a key"
    for member in members:
        if member is not Ellipsis:
            yield from problems_of(member, seen=seen)


def _is(annotation: Any, kind: type) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, kind)


def _name(annotation: Any) -> str:
    return getattr(annotation, "__qualname__", None) or str(annotation)
