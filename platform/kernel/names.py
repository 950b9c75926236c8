"""What the owner of an account is called, for domains that stand below the one that knows it.

Who is asked is said once, where the domains are put together (`config.apps`).
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

NameOf = Callable[[UUID], str]
_asked: list[NameOf] = []


def ask(source: NameOf) -> None:
    """Have `source` be asked from now on."""
    _asked[:] = [source]


def name_of(account_id: UUID) -> str:
    """Return the name that the account's owner chose, "" without one; raise `Unavailable`.

    It may be asked of another process, so it is called before a transaction is open.
    """
    return _asked[0](account_id) if _asked else ""
