"""The organizations whose rows the present work may see: said at every entry, obeyed by managers.

The gateway says those of the principal, a handler that of its event, a job that of what rang it,
the admin everywhere. A call through an interface, and periodic work, begin without any.
"""

from __future__ import annotations

from contextvars import ContextVar, Token
from enum import Enum
from typing import Final
from uuid import UUID


class Everywhere(Enum):
    """All organizations; said, and never meant by saying nothing."""

    ALL = "all"


EVERYWHERE: Final = Everywhere.ALL

Scope = frozenset[UUID] | Everywhere | None

_current: ContextVar[Scope] = ContextVar("scope")
# What holds where no entry was passed.
_outside: Scope = None


class NoOrganizationInContext(RuntimeError):
    """Nobody said for which organizations this is: a mistake in the code, never in a request."""


def current() -> Scope:
    """Return the organizations of the present work; None if nobody said any."""
    return _current.get(_outside)


class use:  # noqa: N801  read as a verb, like contextlib's
    """Make these the organizations of the block, whichever those around it are."""

    __slots__ = ("_scope", "_token")

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def __enter__(self) -> None:
        self._token: Token[Scope] = _current.set(self._scope)

    def __exit__(self, *_: object) -> None:
        _current.reset(self._token)


def of(*organization_ids: UUID | None) -> Scope:
    """Return the scope of those given; without any, that nobody said one."""
    return frozenset(each for each in organization_ids if each is not None) or None
