"""What it costs to decide who may do what: read from the database, decided, and asked again.

    python -m bench.decision

For somebody plain (two organizations, nothing besides) and somebody rich: ten organizations, in
each five assignments in eight teams within one another. "Cold" is what each request pays once:
one statement and the decision for every membership. "Warm" is what each further question costs.
Medians of rounds that alternate.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "platform"))
ROUNDS = 25
TARGET = 200  # µs, warm
ORGANIZATIONS, ASSIGNMENTS, DEPTH = 10, 5, 8


def main() -> None:
    """Start servers of its own, measure, print the figures; fail beyond the target."""
    from tests import servers

    servers.ENVIRONMENT |= {"TESTING": "false", "METRICS_PORT": "1"}
    with servers.started():
        from bench.gateway import _prepare

        _prepare()
        plain, rich = _plain(), _rich()
        figures = _measure(_ways("plain", plain, calls=200) | _ways("rich", rich, calls=50))
    for name, (wall, cpu) in figures.items():
        sys.stdout.write(f"{name:55} {wall:8.1f} µs, of which {cpu:8.1f} µs of the web process\n")
    slow = {name: wall for name, (wall, _) in figures.items() if "warm" in name and wall > TARGET}
    if slow:
        sys.exit(f"More than {TARGET} µs: {slow}")


def _ways(name: str, account_id: UUID, *, calls: int) -> dict[str, tuple[Callable[[], Any], int]]:
    from domains.users import interface as users
    from domains.users.services.decision import effective, reasons
    from domains.users.services.standing import load_places

    standings = [place.standing for place in load_places(account_id=account_id)]
    largest = max(standings, key=lambda standing: len(standing.grants))
    principal, path = _principal(account_id), [UUID(int=n) for n in range(DEPTH)]
    ask, permission = principal.may, users.TEAM_WRITE
    return {
        f"{name}, cold: get_access": (
            lambda: users.get_access(account_id=account_id, organization_id=None),
            calls,
        ),
        f"{name}, of which deciding for every organization": (
            lambda: [effective(standing) for standing in standings],
            calls,
        ),
        f"{name}, warm: one organization decided": (lambda: effective(largest), 1000),
        f"{name}, warm: why, in a team": (
            lambda: reasons(largest, permission.name, within=path),
            1000,
        ),
        f"{name}, warm: the principal asked, in a team": (
            lambda: ask(permission, organization_id=largest.organization_id, within=path),
            10_000,
        ),
    }


def _measure(ways: dict[str, tuple[Callable[[], Any], int]]) -> dict[str, tuple[float, float]]:
    rounds: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, (call, times) in ways.items():
            wall, cpu = time.perf_counter(), time.process_time()
            for _ in range(times):
                call()
            spent = time.perf_counter() - wall, time.process_time() - cpu
            rounds[name].append((spent[0] / times * 1e6, spent[1] / times * 1e6))
    return {
        name: (statistics.median(w for w, _ in each), statistics.median(c for _, c in each))
        for name, each in rounds.items()
    }


def _principal(account_id: UUID) -> Any:
    from domains.users import interface as users
    from kernel.principal import Principal

    access = users.get_access(account_id=account_id, organization_id=None)
    return Principal(
        kind="account",
        account_id=account_id,
        organization_id=access.organization_id,
        memberships={m.organization_id: frozenset(m.permissions) for m in access.memberships},
        teams={t.team_id: frozenset(t.permissions) for m in access.memberships for t in m.teams},
    )


def _plain() -> UUID:
    """Return somebody with a personal organization and one other."""
    from domains.users import interface as users
    from kernel.ids import uuid7

    account_id = uuid7()
    users.get_access(account_id=account_id, organization_id=None)
    users.ensure_organization(account_id=account_id, name="Plain")
    return account_id


def _rich() -> UUID:
    """Return somebody with roles by teams, of the organizations' own, and within teams alone."""
    from domains.users import interface as users
    from kernel import scope
    from kernel.ids import uuid7

    account_id = uuid7()
    users.get_access(account_id=account_id, organization_id=None)
    for number in range(ORGANIZATIONS):
        made = users.ensure_organization(account_id=uuid7(), name=f"Rich {number}")
        users.ensure_member(organization_id=made.id, account_id=account_id, role="viewer")
        with scope.use(scope.of(made.id)):
            _fill(made.id, account_id)
    return account_id


def _fill(organization_id: UUID, account_id: UUID) -> None:
    from domains.users import interface as users
    from domains.users import models
    from tests.users.teams import custom_role, team_of

    member = models.Membership.objects.get(organization_id=organization_id, account_id=account_id)
    teams = []
    for depth in range(DEPTH):
        teams.append(
            team_of(organization_id, f"Depth {depth}", within=teams[-1] if teams else None)
        )
    models.TeamMembership.objects.create(
        organization_id=organization_id, team=teams[-1], membership=member
    )
    own = custom_role(organization_id, users.TEAM_WRITE.name, users.MEMBER_INVITE.name)
    for number in range(ASSIGNMENTS):
        row = models.RoleAssignment(organization_id=organization_id, scope=teams[number])
        row.role, row.custom_role = ("admin", None) if number % 2 else ("", own)
        row.team, row.membership = (teams[number], None) if number % 3 else (None, member)
        row.save()


if __name__ == "__main__":
    main()
