"""How one catalogue differs from another, field by field."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from domains.billing.services.catalogue.items import METER, Item


class Action(StrEnum):
    ADDED = "added"
    CHANGED = "changed"
    ARCHIVED = "archived"


@dataclass(frozen=True, kw_only=True)
class FieldChange:
    """What a field was and will be; `name` is a dotted path, None stands for nothing there."""

    name: str
    before: Any
    after: Any

    def __str__(self) -> str:
        return f"{self.name}: {_shown(self.before)} → {_shown(self.after)}"


@dataclass(frozen=True, kw_only=True)
class Change:
    """What publishing does to one item."""

    action: Action
    item: Item
    fields: tuple[FieldChange, ...] = ()

    def __str__(self) -> str:
        return f"{self.item.kind} {self.item.name}: {self.action}"


def differences(before: Iterable[Item], after: Iterable[Item]) -> list[Change]:
    """Return what has to be done to what was to make it what is wanted, in the wanted order.

    A meter that is no longer written stays: earlier prices may count by it.
    """
    was = {(item.kind, item.name): item for item in before}
    changes = []
    for item in after:
        old = was.pop((item.kind, item.name), None)
        fields = () if old is None else tuple(_fields(old.fields, item.fields))
        if old is None:
            changes.append(Change(action=Action.ADDED, item=item))
        elif fields:
            changes.append(Change(action=Action.CHANGED, item=item, fields=fields))
    gone = (item for item in was.values() if item.kind != METER)
    return changes + [Change(action=Action.ARCHIVED, item=item) for item in gone]


def _fields(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[FieldChange]:
    old, new = dict(_leaves("", before)), dict(_leaves("", after))
    for name in dict.fromkeys([*old, *new]):
        if old.get(name) != new.get(name):
            yield FieldChange(name=name, before=old.get(name), after=new.get(name))


def _leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Yield what is written in nested mappings and lists, each by its dotted path."""
    if isinstance(value, list):
        value = {str(number): each for number, each in enumerate(value)}
    if not isinstance(value, Mapping):
        yield path, value
        return
    for name, each in value.items():
        yield from _leaves(f"{path}.{name}" if path else name, each)


def _shown(value: Any) -> str:
    return "nothing" if value is None else str(value)
