"""The notation of the table: what every actor is answered, by the kind of the operation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from kernel.permissions import Permission, Role
from tests.isolation.world import ACTORS, MACHINES

NOBODY = {"banned": 401, "anonymous": 401}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One operation: what is sent, and which status every actor gets.

    A value "$name" is something of the organization or the person who asks; each of those that
    names an id, in path, query or body, is replaced by one of the other organization's and by one
    that never was. `foreign` says what those are answered where that is not 404; less than 400 is
    for an id that is kept or looked for as it is, and opens nothing. Several are given where it is
    by who asks.
    """

    answers: Mapping[str, int]
    permission: Permission | None = None
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    foreign: Mapping[str, int | tuple[int, ...]] = field(default_factory=dict)
    # Tables that keep who was refused: a refusal changes nothing else.
    notes: frozenset[str] = frozenset()

    def sends(self, **what: Any) -> Row:
        """Return the row with what is sent in it."""
        return replace(self, **what)

    def noting(self, *tables: str) -> Row:
        """Return the row with the tables that a refusal is noted in."""
        return replace(self, notes=frozenset(tables))

    def but(self, **answers: int) -> Row:
        """Return the row with other answers for the actors named."""
        assert set(answers) <= set(ACTORS)
        return replace(self, answers={**self.answers, **answers})


def everybody(ok: int = 200) -> Row:
    """An operation that asks nobody who they are."""
    return Row(answers=dict.fromkeys(ACTORS, ok))


def signed_in(ok: int = 200, *, keys: int = 403, machines: int | None = None) -> Row:
    """An operation on one's own account: whoever is signed in has it for themselves.

    A person's key is answered `keys`, the organization's own `machines` (if left out, the same).
    """
    people = dict.fromkeys(("owner", "admin", "member", "viewer", "former", "stranger"), ok)
    machine = {**dict.fromkeys(MACHINES, keys), "machine": machines or keys}
    return Row(answers=people | machine | NOBODY)


def held(
    permission: Permission,
    ok: int = 200,
    *,
    keys: int | None = None,
    machines: int | None = None,
    home: int = 404,
) -> Row:
    """An operation in an organization that takes a permission: those whose role holds it, do.

    A person's key that has the permission is answered `keys`, the organization's own `machines`
    (each like people, and like the former, if left out); a key that lacks it 403. `home` is what
    people are answered who don't belong to the organization: 404 where path or body name
    something of it, and what their own organization answers where they don't.
    """
    roles = {role.value: ok if role in permission.roles else 403 for role in Role}
    outside = {"former": home, "stranger": home}
    person = keys or ok
    machine = {"key": person, "keyless": 403, "machine": machines or person}
    return Row(answers=roles | outside | machine | NOBODY, permission=permission)


# What keys are answered where only people do something, in a session.
PEOPLE_ONLY = 403
