"""What each domain shows of an organization on its page, and of all of them on the first page.

A domain's admin registers its panels; none knows the page, nor another's panels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar
from uuid import UUID

from django.contrib.auth.models import AnonymousUser, PermissionsMixin
from django.db import InterfaceError, OperationalError

from kernel.errors import DomainError

M = TypeVar("M")
Staff = PermissionsMixin | AnonymousUser

# So many rows, the newest first; a link leads to the rest.
PANEL_ROWS = 10


@dataclass(frozen=True, kw_only=True)
class Subject:
    """Whose page it is; `member_ids` are the accounts of (the newest) members."""

    organization_id: UUID
    member_ids: tuple[UUID, ...]


@dataclass(frozen=True)
class Cell:
    """What stands in one field of a panel: a link with `url`, a label with `tone`."""

    text: object
    url: str = ""
    tone: str = ""


@dataclass(frozen=True, kw_only=True)
class Panel:
    """A short table; `link` leads to the full list of what it is of."""

    columns: tuple[str, ...]
    rows: Sequence[Sequence[Cell]]
    link: str = ""
    empty: str = "There are none."


@dataclass(frozen=True, kw_only=True)
class PanelType(Generic[M]):
    """A registered panel: staff with the permission see what `make` returns."""

    title: str
    order: int
    permission: str
    make: M


@dataclass(frozen=True, kw_only=True)
class ShownPanel:
    """A panel as the page shows it; None while what it needs is away."""

    key: str
    title: str
    panel: Panel | None


MakeOfOne = Callable[[Subject], Panel]
MakeOfAll = Callable[[], Panel]

_of_one: dict[str, PanelType[MakeOfOne]] = {}
_of_all: dict[str, PanelType[MakeOfAll]] = {}


def organization_panel(
    title: str, *, order: int, permission: str
) -> Callable[[MakeOfOne], MakeOfOne]:
    """Have the function make the panel of this title; by `order` they stand on the page.

    It is given a `Subject`, and needs as many queries however much there is.
    """

    def register(make: MakeOfOne) -> MakeOfOne:
        _of_one[title] = PanelType(title=title, order=order, permission=permission, make=make)
        return make

    return register


def dashboard_panel(title: str, *, order: int, permission: str) -> Callable[[MakeOfAll], MakeOfAll]:
    """Have the function make the panel of this title on the first page."""

    def register(make: MakeOfAll) -> MakeOfAll:
        _of_all[title] = PanelType(title=title, order=order, permission=permission, make=make)
        return make

    return register


def panels_of(subject: Subject, *, user: Staff) -> list[ShownPanel]:
    """Return the panels that this member of staff may see of the organization.

    One whose domain or database is away doesn't take the page along.
    """
    seen = _seen_by(user, _of_one.values())
    return [_shown(each.title, partial(each.make, subject)) for each in seen]


def dashboard_panels(*, user: Staff) -> list[ShownPanel]:
    """Return the panels of the first page that this member of staff may see, likewise."""
    return [_shown(each.title, each.make) for each in _seen_by(user, _of_all.values())]


def _seen_by(user: Staff, panels: Iterable[PanelType[M]]) -> list[PanelType[M]]:
    in_order = sorted(panels, key=lambda each: each.order)
    return [each for each in in_order if user.has_perm(each.permission)]


def _shown(title: str, make: MakeOfAll) -> ShownPanel:
    key = title.lower().replace(" ", "-")
    try:
        return ShownPanel(key=key, title=title, panel=make())
    except (OperationalError, InterfaceError, DomainError):
        return ShownPanel(key=key, title=title, panel=None)


def pairs(**facts: object) -> list[list[Cell]]:
    """Return a row for each fact, its name in words first."""
    return [[Cell(name.replace("_", " ").capitalize()), Cell(fact)] for name, fact in facts.items()]
