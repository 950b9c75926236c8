"""People, organizations and trails by the million, written as the product writes them.

Of N people each has an account, a profile and a personal organization, and belongs to one of N/10
shared organizations of ten: an owner, an admin, one with a role of the organization's own, six
members and a viewer; with two teams, one within the other, two assignments, two open invitations
and a trail of a hundred entries. That makes 1.1 N organizations, 2 N memberships, 10 N entries.

Ids are made from numbers alone, here and in PostgreSQL alike. The trails are whole: each entry has
the hash of the one before. They are written in rounds over all organizations, as time would: what
one organization did lies far apart on the disk.
"""

from __future__ import annotations

import hashlib
import multiprocessing
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql

MEMBERS, ENTRIES, PROCESSES = 10, 100, 2
PERSON, PERSONAL, SHARED, HOME, MEMBER, TEAM = range(1, 7)
ROLE, INNER, ENTRY, IN_TEAM, ASSIGNED, INVITED = range(7, 13)
_EPOCH, _BEGAN = 1_700_000_000_000, datetime(2024, 1, 1, tzinfo=UTC)
# More than there are organizations: rounds of entries don't overlap.
_ROUND = 1_000_000
_NOTHING = "0" * 64
_CHUNK = 5_000
ACTIONS = (
    [f"users.{what}" for what in ("member_joined", "member_removed", "role_created")]
    + [f"files.file_{what}" for what in ("uploaded", "deleted", "downloaded", "restored")]
    + ["auth.session_started", "billing.payment_settled", "users.team_created"]
)
# The same as `made_id`.
_FUNCTION = """
CREATE OR REPLACE FUNCTION public.made_id(kind int, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE
AS $$ SELECT (lpad(to_hex(1700000000000 + n), 12, '0') || '7' || lpad(to_hex(kind), 3, '0') || '8'
    || substr(md5(kind || ':' || n), 1, 15))::uuid $$
"""
_COLUMNS = (
    "id, organization_id, sequence, occurred_at, action, actor_kind, actor_id, target_kind,"
    " target_id, facts, trace_id, personal_digest, hash"
)


def made_id(kind: int, n: int) -> UUID:
    """Return the id of the n-th of its kind."""
    tail = hashlib.md5(f"{kind}:{n}".encode(), usedforsecurity=False).hexdigest()[:15]
    return UUID(f"{_EPOCH + n:012x}7{kind:03x}8{tail}")


def email_of(person: int) -> str:
    """Return the address of the n-th person."""
    return f"person-{_word(f'e{person}')}@example.com"


def name_of(person: int) -> str:
    """Return the last name of the n-th person, which nobody else has."""
    return f"x{_word(f'w{person}')}"


def seed(owner_url: str, *, first: int, last: int, password: str) -> None:
    """Add the people from the first to the last of these numbers, with all that is theirs.

    `password` is encoded. Both numbers are on an organization's edge.
    """
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute(_FUNCTION)
        # Triggers and foreign keys would look at row after row: what is written fits by its making.
        owner.execute("SET session_replication_role = replica")
        for statement in _statements(first, last, password):
            owner.execute(statement)
        _seed_trails(owner, owner_url, first=(first - 1) // MEMBERS + 1, last=last // MEMBERS)
        owner.execute("VACUUM ANALYZE")


def _statements(first: int, last: int, password: str) -> Iterator[sql.Composed]:
    from domains.auth.models import Account
    from domains.billing.models import Customer
    from domains.users import models

    people = f"generate_series({first}, {last}) AS n"
    shared = f"generate_series({(first - 1) // MEMBERS + 1}, {last // MEMBERS}) AS k"
    inner = f"ARRAY[{_id(TEAM, 'k')}, {_id(INNER, 'k')}]"
    group, place = f"((n - 1) / {MEMBERS} + 1)", f"((n - 1) % {MEMBERS})"
    founder, third = f"((k - 1) * {MEMBERS} + 1)", f"((k - 1) * {MEMBERS} + 4)"
    yield _insert(
        Account,
        people,
        id=_id(PERSON),
        email="'person-' || substr(md5('e' || n), 1, 12) || '@example.com'",
        password=f"'{password}'",
        email_verified_at="now()",
    )
    yield _insert(
        models.Profile,
        people,
        account_id=_id(PERSON),
        display_name="'Person x' || substr(md5('w' || n), 1, 12)",
    )
    yield _insert(
        models.Organization,
        people,
        id=_id(PERSONAL),
        name="'Personal'",
        personal="true",
        created_by=_id(PERSON),
    )
    yield _insert(
        models.Membership,
        people,
        id=_id(HOME),
        organization_id=_id(PERSONAL),
        account_id=_id(PERSON),
        role="'owner'",
    )
    yield _insert(
        models.Organization,
        shared,
        id=_id(SHARED, "k"),
        name="'Company x' || substr(md5('c' || k), 1, 12)",
        slug="'company-' || k",
        created_by=_id(PERSON, founder),
    )
    yield _insert(
        models.CustomRole,
        shared,
        id=_id(ROLE, "k"),
        organization_id=_id(SHARED, "k"),
        name="'Auditor'",
        permissions="ARRAY['users.audit:read', 'users.member:read']",
    )
    yield _insert(
        models.Membership,
        people,
        id=_id(MEMBER),
        organization_id=_id(SHARED, group),
        account_id=_id(PERSON),
        role=f"(ARRAY['owner', 'admin', '', 'member', 'member', 'member', 'member', 'member',"
        f" 'member', 'viewer'])[{place} + 1]",
        custom_role_id=f"CASE {place} WHEN 2 THEN {_id(ROLE, group)} END",
    )
    yield _insert(
        models.Team,
        shared,
        id=_id(TEAM, "k"),
        organization_id=_id(SHARED, "k"),
        path=f"ARRAY[{_id(TEAM, 'k')}]",
        name="'Product'",
    )
    yield _insert(
        models.Team,
        shared,
        id=_id(INNER, "k"),
        organization_id=_id(SHARED, "k"),
        parent_id=_id(TEAM, "k"),
        path=inner,
        name="'Search'",
    )
    yield _insert(
        models.TeamMembership,
        f"{people} WHERE {place} BETWEEN 3 AND 5",
        id=_id(IN_TEAM),
        organization_id=_id(SHARED, group),
        team_id=_id(INNER, group),
        membership_id=_id(MEMBER),
    )
    yield _insert(
        models.RoleAssignment,
        shared,
        id=_id(ASSIGNED, "2 * k"),
        organization_id=_id(SHARED, "k"),
        membership_id=_id(MEMBER, third),
        custom_role_id=_id(ROLE, "k"),
    )
    yield _insert(
        models.RoleAssignment,
        shared,
        id=_id(ASSIGNED, "2 * k + 1"),
        organization_id=_id(SHARED, "k"),
        team_id=_id(TEAM, "k"),
        scope_id=_id(INNER, "k"),
        role="'admin'",
    )
    for number in range(2):
        yield _insert(
            models.Invitation,
            shared,
            id=_id(INVITED, f"2 * k + {number}"),
            organization_id=_id(SHARED, "k"),
            email=f"'invited-{number}-' || k || '@example.com'",
            role="'member'",
            invited_by=_id(PERSON, founder),
            expires_at="now() + interval '7 days'",
        )
    yield _insert(
        Customer,
        shared,
        id=_id(SHARED, "k"),
        organization_id=_id(SHARED, "k"),
        plan="'business'",
        activated_at="now()",
        created_at="now()",
    )


def _insert(model: Any, source: str, **expressions: str) -> sql.Composed:
    """Return the statement that makes a row of each of the source's.

    Fields without an expression get what the model gives them.
    """
    columns = {field.column: _default(field) for field in model._meta.concrete_fields}
    given = columns | {name: sql.SQL(text) for name, text in expressions.items()}  # type: ignore[arg-type]  # own text
    return sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {}").format(
        sql.Identifier(model._meta.app_label.removeprefix("domains_"), model._meta.db_table),
        sql.SQL(", ").join(map(sql.Identifier, given)),
        sql.SQL(", ").join(given.values()),
        sql.SQL(source),  # type: ignore[arg-type]  # own text, no literal
    )


def _default(field: Any) -> sql.Composable:
    if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False):
        return sql.SQL("now()")
    value = field.get_default()
    return sql.SQL("'{}'") if value in ([], {}) else sql.Literal(value)


def _id(kind: int, number: str = "n") -> str:
    return f"public.made_id({kind}, ({number})::bigint)"


def _word(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()[:12]


def _seed_trails(owner: psycopg.Connection[Any], owner_url: str, *, first: int, last: int) -> None:
    """Write the trails without indexes, which are then made at once: in a fifth of the time."""
    remake = _drop_indexes(owner)
    half = (first + last) // 2
    parts = [(owner_url, first, half), (owner_url, half + 1, last)]
    with multiprocessing.get_context("spawn").Pool(PROCESSES) as pool:
        pool.starmap(_write_trails, parts)
    owner.execute("SET maintenance_work_mem = '512MB'")
    for statement in remake:
        owner.execute(statement)


def _drop_indexes(owner: psycopg.Connection[Any]) -> list[bytes]:
    constraints = owner.execute(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE conrelid = 'users.audit_entry'::regclass AND contype IN ('p', 'u')"
    ).fetchall()
    names = [name for name, _ in constraints]
    indexes = owner.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'users'"
        " AND tablename = 'audit_entry' AND NOT indexname = ANY(%s)",
        [names],
    ).fetchall()
    for name, _ in indexes:
        owner.execute(sql.SQL("DROP INDEX users.{}").format(sql.Identifier(name)))
    remake = [definition.encode() for _, definition in indexes]
    for name, definition in constraints:
        table = sql.SQL("ALTER TABLE users.audit_entry ")
        owner.execute(table + sql.SQL("DROP CONSTRAINT {}").format(sql.Identifier(name)))
        made = f'ALTER TABLE users.audit_entry ADD CONSTRAINT "{name}" {definition}'
        remake.append(made.encode())
    return remake


def _write_trails(owner_url: str, first: int, last: int) -> None:
    groups = range(first, last + 1)
    heads = {k: _genesis(k) for k in groups}
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute("SET session_replication_role = replica")
        with owner.cursor().copy(f"COPY users.audit_entry ({_COLUMNS}) FROM STDIN") as copy:
            for chunk in _entries(groups, heads):
                copy.write(chunk)
        columns = "organization_id, sequence, head, floor, floor_head"
        with owner.cursor().copy(f"COPY users.audit_chain ({columns}) FROM STDIN") as copy:
            for k, head in heads.items():
                organization = made_id(SHARED, k)
                copy.write(f"{organization}\t{ENTRIES}\t\\\\x{head}\t0\t\\\\x{_genesis(k)}\n")


def _genesis(k: int) -> str:
    return hashlib.sha256(b"tenon.audit.v1:" + made_id(SHARED, k).bytes).hexdigest()


def _entries(groups: range, heads: dict[int, str]) -> Iterator[str]:
    """Yield chunks of rows for COPY, a round over all organizations after the other."""
    organizations = {k: str(made_id(SHARED, k)) for k in groups}
    people = {
        k: [str(made_id(PERSON, (k - 1) * MEMBERS + n)) for n in range(1, MEMBERS + 1)]
        for k in groups
    }
    rows: list[str] = []
    for sequence in range(1, ENTRIES + 1):
        hour = f"{_BEGAN + timedelta(hours=sequence):%Y-%m-%dT%H:%M:%S}"
        action = ACTIONS[sequence % len(ACTIONS)]
        for k in groups:
            rows.append(_entry(k, sequence, hour, action, organizations[k], people[k], heads))
            if len(rows) == _CHUNK:
                yield "".join(rows)
                rows = []
    yield "".join(rows)


def _entry(  # noqa: PLR0917  called ten million times, where names cost a fifth
    k: int,
    sequence: int,
    hour: str,
    action: str,
    organization: str,
    people: list[str],
    heads: dict[int, str],
) -> str:
    """Return the row, hashed as `domains.users.services.audit.chain` does (a check compares)."""
    id_ = made_id(ENTRY, sequence * _ROUND + k)
    actor, target = people[sequence % MEMBERS], people[sequence * 3 % MEMBERS]
    at = f"{hour}.{k % 1_000_000:06d}Z"
    document = (
        f'{{"action":"{action}","actor":"{actor}","actor_kind":"account","at":"{at}",'
        f'"facts":{{"role":"member"}},"id":"{id_}","on_behalf_of":null,'
        f'"organization":"{organization}","personal":"{_NOTHING}","previous":"{heads[k]}",'
        f'"sequence":{sequence},"target":"{target}","target_kind":"account","trace":"","v":1}}'
    )
    heads[k] = head = hashlib.sha256(document.encode()).hexdigest()
    return (
        f"{id_}\t{organization}\t{sequence}\t{at}\t{action}\taccount\t{actor}\taccount\t{target}\t"
        f'{{"role":"member"}}\t\t\\\\x{_NOTHING}\t\\\\x{head}\n'
    )
