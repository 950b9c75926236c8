"""A domain's table of what it keeps of people: exported and erased by the same lines."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from kernel import scope
from kernel.erasure import is_marked
from kernel.privacy.records import Erased, Fate, PersonalPage, PersonalSection

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet

ROWS_A_PAGE = 200


@dataclass(frozen=True, kw_only=True)
class Person:
    """Whose data it is. An export knows their addresses, an erasure only the marks of them."""

    account_id: UUID
    addresses: tuple[str, ...] = ()
    address_marks: tuple[str, ...] = ()

    def has(self, address: str) -> bool:
        """Return whether the address is the person's."""
        known = {each.lower() for each in self.addresses}
        return address.lower() in known or is_marked(address, self.address_marks)


@dataclass(frozen=True, kw_only=True)
class Holding:
    """Rows of one table that are a person's in one way, what is shown of them and what becomes.

    `shows` are the columns of the export, `withholds` those it leaves out and why. Erased rows go.
    Of others the columns in `clears` become what stands there; marked columns that stay are in
    `keeps`, each with the reason. `lock` keeps others out before anything is counted. `by` does
    the erasing where deleting or clearing the rows isn't all: nothing that `of` finds may be left.
    """

    name: str
    description: str
    model: type[Model]
    of: Callable[[Person], QuerySet[Any]]
    shows: tuple[str, ...]
    withholds: Mapping[str, str] = field(default_factory=dict)
    fate: Fate
    why: str = ""
    clears: Mapping[str, Any] = field(default_factory=dict)
    keeps: Mapping[str, str] = field(default_factory=dict)
    lock: Callable[[Person], object] | None = None
    by: Callable[[Person], object] | None = None


def export_page(
    holdings: Sequence[Holding], person: Person, *, cursor: str | None, rows: int = ROWS_A_PAGE
) -> PersonalPage:
    """Return what is kept of the person from the cursor on; None begins."""
    with scope.use(scope.EVERYWHERE):
        return _export(holdings, person, cursor, rows)


def _export(
    holdings: Sequence[Holding], person: Person, cursor: str | None, rows: int
) -> PersonalPage:
    index, after = _position(cursor)
    sections: list[PersonalSection] = []
    while index < len(holdings):
        if rows <= 0:
            return PersonalPage(sections=tuple(sections), next_cursor=f"{index}:")
        found = _rows(holdings[index], person, after, rows)
        sections.append(_section(holdings[index], found))
        if len(found) == rows:
            return PersonalPage(sections=tuple(sections), next_cursor=f"{index}:{found[-1]['pk']}")
        rows -= len(found)
        index, after = index + 1, ""
    return PersonalPage(sections=tuple(sections), next_cursor=None)


def erase(holdings: Sequence[Holding], person: Person) -> tuple[Erased, ...]:
    """Do with the person's rows what the table says, in its order, and return what was done.

    Runs in the caller's transaction, in which the rows are counted before the first is touched;
    repeatable.
    """
    with scope.use(scope.EVERYWHERE):
        for holding in holdings:
            if holding.lock is not None:
                holding.lock(person)
        counts = [holding.of(person).count() for holding in holdings]
        for holding in holdings:
            _erase(holding, person)
    return tuple(
        Erased(what=holding.name, how=holding.fate, count=count, why=holding.why)
        for holding, count in zip(holdings, counts, strict=True)
    )


def _erase(holding: Holding, person: Person) -> None:
    if holding.by is not None:
        holding.by(person)
    elif holding.fate is Fate.ERASED:
        holding.of(person).delete()
    elif holding.clears:
        holding.of(person).update(**holding.clears)


def _position(cursor: str | None) -> tuple[int, str]:
    index, _, after = (cursor or "0:").partition(":")
    return int(index), after


def _rows(holding: Holding, person: Person, after: str, limit: int) -> list[dict[str, Any]]:
    rows = holding.of(person).order_by("pk")
    if after:
        rows = rows.filter(pk__gt=after)
    return list(rows.values("pk", *holding.shows)[:limit])


def _section(holding: Holding, rows: list[dict[str, Any]]) -> PersonalSection:
    return PersonalSection(
        name=holding.name,
        description=holding.description,
        fate=holding.fate,
        why=holding.why,
        withheld=dict(holding.withholds),
        records=tuple(_record(holding, row) for row in rows),
    )


def _record(holding: Holding, row: dict[str, Any]) -> str:
    shown = {name: row[name] for name in holding.shows}
    return json.dumps(shown, ensure_ascii=False, default=_plain)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    if isinstance(value, UUID | Decimal):
        return str(value)
    raise TypeError(f"{type(value).__qualname__} can't be exported")


def problems_of(model: type[Model], holdings: Sequence[Holding]) -> Iterator[str]:
    """Yield what the table leaves open about the marked columns of a model."""
    from kernel.privacy.marks import is_personal

    about = [holding for holding in holdings if holding.model is model]
    for column in model._meta.concrete_fields:
        if is_personal(column):
            names = {column.name, column.attname}
            label = f"{model._meta.label}.{column.name}"
            if not any(names & {*each.shows, *each.withholds} for each in about):
                yield f"{label} is personal, but no export knows it"
            yield from _unerased(label, names, about)


def _unerased(label: str, names: set[str], about: list[Holding]) -> Iterator[str]:
    if not about:
        yield f"{label} is personal, but no erasure knows it"
    for holding in about:
        settled = names & {*holding.clears, *holding.keeps}
        if holding.fate is not Fate.ERASED and not settled:
            yield f"{label} is personal, but {holding.name} neither clears nor keeps it"
