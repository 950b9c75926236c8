"""What people and organizations are called, for domains that stand below the one that knows it.

Who is asked is said once, where the domains are put together (`config.apps`). It may be asked of
another process, so none of it is called in a transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

NameOf = Callable[[UUID], str]
_people: list[NameOf] = []
_organizations: list[NameOf] = []


def ask(*, people: NameOf, organizations: NameOf) -> None:
    """Have these two be asked from now on."""
    _people[:], _organizations[:] = [people], [organizations]


def name_of(account_id: UUID) -> str:
    """Return the name that the account's owner chose, "" without one; raise `Unavailable`."""
    return _people[0](account_id) if _people else ""


def organization_name_of(organization_id: UUID) -> str:
    """Return what its members call the organization, "" for a personal one or for none.

    Raise `Unavailable`.
    """
    return _organizations[0](organization_id) if _organizations else ""
