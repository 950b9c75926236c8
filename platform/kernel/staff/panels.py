"""What each domain shows of an organization on its page.

A domain's admin registers its panels; none knows the page, nor another's panels.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.models import AnonymousUser, PermissionsMixin
from django.db import InterfaceError, OperationalError

from kernel.errors import DomainError

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
class PanelType:
    """A registered panel: staff with the permission see what `make` returns."""

    title: str
    order: int
    permission: str
    make: Callable[[Subject], Panel]


@dataclass(frozen=True, kw_only=True)
class ShownPanel:
    """A panel as the page shows it; None while what it needs is away."""

    key: str
    title: str
    panel: Panel | None


Make = Callable[[Subject], Panel]

_registered: dict[str, PanelType] = {}


def organization_panel(title: str, *, order: int, permission: str) -> Callable[[Make], Make]:
    """Have the function make the panel of this title; by `order` they stand on the page.

    It is given a `Subject`, and needs as many queries however much there is.
    """

    def register(make: Make) -> Make:
        _registered[title] = PanelType(title=title, order=order, permission=permission, make=make)
        return make

    return register


def panels_of(subject: Subject, *, user: PermissionsMixin | AnonymousUser) -> list[ShownPanel]:
    """Return the panels that this member of staff may see.

    One whose domain or database is away doesn't take the page along.
    """
    in_order = sorted(_registered.values(), key=lambda each: each.order)
    return [_shown(each, subject) for each in in_order if user.has_perm(each.permission)]


def _shown(each: PanelType, subject: Subject) -> ShownPanel:
    key = each.title.lower().replace(" ", "-")
    try:
        return ShownPanel(key=key, title=each.title, panel=each.make(subject))
    except (OperationalError, InterfaceError, DomainError):
        return ShownPanel(key=key, title=each.title, panel=None)


def pairs(**facts: object) -> list[list[Cell]]:
    """Return a row for each fact, its name in words first."""
    return [[Cell(name.replace("_", " ").capitalize()), Cell(fact)] for name, fact in facts.items()]
