"""Whether somebody holds all that is given or taken: pure, like the decision that it stands on.

It is compared twice, as things stand and as roles are made, so that a change of who may invite
gives nobody what their granter never had.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from domains.users.contract.data import WhoMayInvite
from domains.users.services.decision import Standing, effective, role_permissions
from kernel.permissions import Role

Path = Sequence[UUID]


@dataclass(frozen=True, kw_only=True)
class Granter:
    """Who gives or takes: `key` is what their API key may do, None for a person signed in."""

    standing: Standing
    key: frozenset[str] | None = None

    @property
    def is_owner(self) -> bool:
        """Return whether this is an owner in person."""
        return self.standing.is_owner and self.key is None

    def held(self, *, path: Path = ()) -> list[frozenset[str]]:
        """Return what they hold within the teams of the path, in each of the ways."""
        held = [effective(way).within(path) for way in _ways(self.standing)]
        return held if self.key is None else [each & self.key for each in held]


def covers(granter: Granter, role: str, permissions: frozenset[str], *, path: Path = ()) -> bool:
    """Return whether the granter holds all that a role of these permissions gives there.

    Only an owner in person covers an owner. An organization's own role is judged by all that
    stands in it.
    """
    if role == Role.OWNER:
        return granter.is_owner
    given = [permissions, permissions]
    if role in set(Role):
        anybody = replace(granter.standing, role="")
        given = [role_permissions(way, role, permissions) for way in _ways(anybody)]
    return _includes(granter.held(path=path), given)


def covers_member(granter: Granter, other: Standing, *, paths: Mapping[UUID, Path]) -> bool:
    """Return whether the other may do nothing that the granter may not.

    `paths` has that of each team in which the other holds something besides.
    """
    if other.is_owner and not granter.is_owner:
        return False
    theirs = [effective(way) for way in _ways(other)]
    return _includes(granter.held(), [each.permissions for each in theirs]) and all(
        _includes(granter.held(path=path), [each.within([team_id]) for each in theirs])
        for team_id, path in paths.items()
    )


def _ways(standing: Standing) -> tuple[Standing, Standing]:
    return standing, replace(standing, who_may_invite=WhoMayInvite.ADMINS)


def _includes(held: list[frozenset[str]], given: list[frozenset[str]]) -> bool:
    return all(some <= every for some, every in zip(given, held, strict=True))
