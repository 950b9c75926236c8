"""The places of a request that name something, and what is put there."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tests.isolation.naming import NOWHERE
from tests.isolation.operations import Operation
from tests.isolation.organizations import Organization
from tests.isolation.people import Person
from tests.isolation.rows import Row

_PARAMETER = re.compile(r"{(\w+)}")


@dataclass(frozen=True)
class Place:
    """Where (path, query or body, under which name) the request names which thing."""

    where: str
    name: str
    thing: str

    def __str__(self) -> str:
        return f"{self.where} {self.name}"


Values = Mapping[Place, object]


def places_of(operation: Operation, row: Row) -> list[Place]:
    """Return every place of the operation's request that names something."""
    path = {name: row.path.get(name, f"${name}") for name in _PARAMETER.findall(operation.path)}
    return [
        *_named("path", path),
        *_named("query", row.query),
        *_named("body", row.body),
    ]


def _named(where: str, value: Any, name: str = "") -> list[Place]:
    if isinstance(value, Mapping):
        return [place for key, inner in value.items() for place in _named(where, inner, key)]
    if isinstance(value, list):
        return [place for inner in value for place in _named(where, inner, name)]
    if isinstance(value, str) and value.startswith("$"):
        return [Place(where, name, value[1:])]
    return []


def thing_of(name: str, who: Person, of: Organization) -> object:
    """Return what the name stands for: something of the person's own, or of the organization."""
    return who.own[name] if name in who.own else of.has[name]


def unknown_like(value: object) -> object:
    """Return what could stand in the place of the value, and never was anything."""
    if isinstance(value, UUID):
        return NOWHERE.id(int(value) & 0xFFFF)
    return NOWHERE.email(str(value).partition("@")[0])


def is_id(value: object) -> bool:
    """Return whether the value names somebody or something, and is no secret or word."""
    return isinstance(value, UUID) or "@" in str(value)


def filled(operation: Operation, row: Row, values: Values) -> tuple[str, dict[str, str], Any]:
    """Return path, query and body with the values in their places."""

    def put(where: str, name: str, thing: str) -> str:
        return str(values[Place(where, name, thing[1:])] if thing.startswith("$") else thing)

    path = _PARAMETER.sub(
        lambda found: put("path", found[1], row.path.get(found[1], f"${found[1]}")), operation.path
    )
    query = {name: put("query", name, thing) for name, thing in row.query.items()}
    return path, query, _filled("", row.body, lambda name, thing: put("body", name, thing))


def _filled(name: str, value: Any, put: Callable[[str, str], str]) -> Any:
    if isinstance(value, Mapping):
        return {key: _filled(key, inner, put) for key, inner in value.items()}
    if isinstance(value, list):
        return [_filled(name, inner, put) for inner in value]
    return put(name, value) if isinstance(value, str) else value
