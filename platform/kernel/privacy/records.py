"""The port's plain data: what a domain keeps of a person, and what it answers to an erasure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Fate(StrEnum):
    """What becomes of what is kept of a person when they are erased."""

    ERASED = "erased"
    ANONYMIZED = "anonymized"
    KEPT = "kept"


@dataclass(frozen=True, kw_only=True)
class PersonalSection:
    """One kind of thing that a domain keeps of a person, or a part of it.

    Each of `records` is a JSON object as text. `withheld` names columns that are not shown, with
    the reason; `fate` and `why` say what an erasure does.
    """

    name: str
    description: str
    fate: Fate
    why: str
    withheld: dict[str, str]
    records: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class PersonalPage:
    """As much of a person's data as travels at once; a section may go on in the next page.

    `next_cursor` is what to ask with for more, None at the end.
    """

    sections: tuple[PersonalSection, ...]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class Erased:
    """What became of one kind of thing when a person was erased: of how many rows, and why."""

    what: str
    how: Fate
    count: int
    why: str
