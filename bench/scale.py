"""Whether lists and decisions cost the same among a million people as among a thousand.

    python -m bench.scale [--people 1000000] [--rounds 8]

Seeds a throw-away PostgreSQL (`bench.seeding` says with what) in two steps, keeps a copy of the
first, and measures both in turns: medians of requests through the gateway, in process, by owners
of twenty organizations spread over all. Then it explains every query behind them, and fails where
a table of thousands of rows is read from end to end, or a median is beyond the target. The million
takes some minutes, and some 12 GB where temporary files lie (TMPDIR), until it ends.
"""

from __future__ import annotations

import argparse
import itertools
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from bench import comparison
from bench.telling import say

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "platform"))
PASSWORD = "correct horse battery staple"
FEW, CALLERS, ROUNDS = 1_000, 20, 10


def main() -> None:
    """Seed, measure, seed the rest, measure again, explain; exit with 1 beyond the target."""
    from config import embedded
    from tests import servers

    parser = argparse.ArgumentParser(prog="python -m bench.scale")
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    asked = parser.parse_args()
    servers.ENVIRONMENT |= {"TESTING": "false", "METRICS_PORT": "1", "LOG_LEVEL": "ERROR"}
    embedded.THROWAWAY.update(comparison.POSTGRES)
    with servers.started(), Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        comparison.prepare(nowhere)
        failures = _compare(asked.people // 10 * 10, rounds=asked.rounds)
    sys.exit(1 if failures else 0)


def _compare(people: int, *, rounds: int) -> list[str]:
    from django.conf import settings

    from bench import plans

    url = str(settings.DATABASE_OWNER_URL)
    _seed(url, first=1, last=FEW)
    _Caller(1)  # with whom the key comes that tokens of both databases are signed by
    whole = comparison.copy(url)
    _seed(url, first=FEW + 1, last=people)
    _check_trail(people // 10)
    comparison.use(comparison.FEW_DATABASE)
    few = _ways(FEW)
    comparison.use(whole)
    many = _ways(people)
    medians = comparison.measure_in_turns(few, many, whole=whole, rounds=rounds)
    slow = comparison.compare(*medians, counted="people", count=(FEW, people))
    read_whole = plans.read_whole(many)
    big = f"tables of {plans.BIG_TABLE:,} rows and more"
    say(f"{big} that were read from end to end: {len(read_whole)}")
    for line in (*slow, *read_whole):
        say(line)
    return [*slow, *read_whole]


def _seed(url: str, *, first: int, last: int) -> None:
    from bench.seeding import seed
    from domains.auth.services import passwords

    begun = time.monotonic()
    seed(url, first=first, last=last, password=passwords.hash_password(PASSWORD))
    comparison.settle(url)
    say(f"seeded people {first:,} to {last:,} in {time.monotonic() - begun:.0f} s")


def _check_trail(k: int) -> None:
    """Fail unless the seeded trail is what the audit would have written."""
    from bench.seeding import ENTRIES, SHARED, made_id
    from domains.users.models import AuditEntry
    from domains.users.services.audit import chain

    previous, organization_id = chain.genesis(made_id(SHARED, k)), made_id(SHARED, k)
    rows = AuditEntry.objects.within(organization_id).order_by("sequence")
    assert rows.count() == ENTRIES
    for row in rows:
        previous = chain.hash_entry(
            row,
            sequence=row.sequence,
            previous=previous,
            personal_digest=bytes(row.personal_digest),
        )
        assert bytes(row.hash) == previous, row.sequence


class _Caller:
    """The owner of the k-th organization, signed in."""

    def __init__(self, k: int) -> None:
        from bench.seeding import INNER, MEMBERS, PERSON, SHARED, email_of, made_id, name_of
        from domains.auth.services import login
        from domains.auth.services.clients import Client
        from kernel import facts
        from kernel.clock import now

        number = (k - 1) * MEMBERS + 1
        self.organization, self.team = str(made_id(SHARED, k)), str(made_id(INNER, k))
        self.other, self.member = str(made_id(PERSON, number + 3)), made_id(PERSON, number + 1)
        self.email, self.name = email_of(number), name_of(number)
        facts.put(f"plan-rate:{self.organization}", str(10**9), ttl=3600)
        tokens = login.log_in(client=Client(), email=self.email, password=PASSWORD, now=now())
        self.token = tokens.access_token


def _ways(people: int) -> comparison.Ways:
    """Return what is measured; each call is another caller's."""
    from django.core.handlers.wsgi import WSGIHandler

    gateway, groups = WSGIHandler(), people // 10
    step = max(groups // CALLERS, 1)
    callers = [_Caller(k) for k in range(1, groups + 1, step)][:CALLERS]
    ways = {comparison.PROBE: _in_turn(callers, gateway, lambda _: "/livez")}
    for name, path in _paths().items():
        ways[f"GET {name}"] = _in_turn(callers, gateway, path)
    return ways | _searches(callers)


def _paths() -> dict[str, Callable[[_Caller], str]]:
    users, log = "/api/v1/users", "/api/v1/users/audit-log"
    hour = {"from": "2024-01-03T00:00:00Z", "until": "2024-01-04T00:00:00Z"}

    def of(what: str) -> Callable[[_Caller], str]:
        return lambda caller: f"{users}/organizations/{caller.organization}{what}"

    return {
        "users/me": lambda _: f"{users}/me",
        "users/organizations": lambda _: f"{users}/organizations",
        "…/members": of("/members"),
        "…/invitations": of("/invitations"),
        "…/teams": of("/teams"),
        "…/teams/<id>/members": lambda c: of(f"/teams/{c.team}/members")(c),
        "…/roles": of("/roles"),
        "…/role-assignments": of("/role-assignments"),
        "permissions/explain": lambda c: (
            f"{users}/permissions/explain?"
            + urlencode({"permission": "users.audit:read", "account": c.other, "team": c.team})
        ),
        "audit-log": lambda _: log,
        "audit-log by actor": lambda c: f"{log}?actor={c.other}",
        "audit-log by action": lambda _: f"{log}?action=users.team_created",
        "audit-log by actions": lambda _: f"{log}?action=users.*",
        "audit-log by target": lambda c: f"{log}?target={c.member}",
        "audit-log by time": lambda _: f"{log}?{urlencode(hour)}",
    }


def _in_turn(
    callers: list[_Caller], application: Any, path: Callable[[_Caller], str]
) -> Callable[[], None]:
    turns = itertools.cycle(callers)

    def call() -> None:
        caller = next(turns)
        comparison.get(application, path(caller), caller)

    return call


def _searches(callers: list[_Caller]) -> comparison.Ways:
    """Return how staff search for people, through their pages."""
    from django.contrib.auth import get_user_model
    from django.test import Client

    from domains.auth import interface as auth

    known = auth.ensure_account(email="staff@example.com", password=PASSWORD, staff=True)
    staff = Client()
    staff.force_login(get_user_model().objects.get(pk=known.id))
    pages = {
        "people by address": lambda c: f"profile/?q={c.email[:14]}",
        "people by name": lambda c: f"profile/?q={c.name}",
        "people, all": lambda _: "profile/",
        "organizations by id": lambda c: f"organization/?q={c.organization}",
        "an organization's page": lambda c: f"organization/{c.organization}/change/",
        "audit of one": lambda c: f"auditentry/?organization_id__exact={c.organization}",
    }

    def way(page: Callable[[_Caller], str]) -> Callable[[], None]:
        turns = itertools.cycle(callers)

        def call() -> None:
            path = f"/admin/domains_users/{page(next(turns))}"
            answer = staff.get(path)
            if answer.status_code != 200:
                raise SystemExit(f"{path} answered {answer.status_code}")

        return call

    return {f"staff: {name}": way(page) for name, page in pages.items()}


if __name__ == "__main__":
    main()
