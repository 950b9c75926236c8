"""Where a team stands: its path, from the outermost team around it down to itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from domains.users.contract.errors import TeamTooDeep, TeamWithinItself
from domains.users.models import DEEPEST

Path = Sequence[UUID]


def moved(path: Path, *, team_id: UUID, below: Path) -> list[UUID]:
    """Return the path once the team, on or around it, stands below another (none: outermost)."""
    return [*below, *path[list(path).index(team_id) :]]


def require_fit(paths: Iterable[Path], *, team_id: UUID, below: Path) -> None:
    """Raise unless the team and all within it, at these paths, may stand below the other.

    Raise `TeamWithinItself` or `TeamTooDeep`.
    """
    if team_id in below:
        raise TeamWithinItself
    deepest = max(len(moved(path, team_id=team_id, below=below)) for path in paths)
    if deepest > DEEPEST:
        raise TeamTooDeep(f"Teams are nested {DEEPEST} deep at most.", deepest=DEEPEST)
