"""PostgreSQL itself refuses whatever isn't an addition, to the very role that the domain has."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest
from django.db import connections
from django.db.utils import IntegrityError, ProgrammingError

from domains.users.models import AuditChain
from domains.users.services.audit_erasure import forget_person
from kernel.clock import now
from kernel.db import transaction
from kernel.ids import uuid7
from tests.users.audit.said import trail, write

pytestmark = pytest.mark.django_db(databases="__all__")

REFUSED = [
    "UPDATE audit_entry SET actor_id = gen_random_uuid()",
    "UPDATE audit_entry SET personal = NULL",
    "DELETE FROM audit_entry",
    "TRUNCATE audit_entry",
    "ALTER TABLE audit_entry OWNER TO CURRENT_USER",
    "ALTER TABLE audit_entry DISABLE TRIGGER ALL",
    "DROP TABLE audit_entry",
    "UPDATE audit_anchor SET trails = 0",
    "DELETE FROM audit_anchor",
    "TRUNCATE audit_anchor",
    "DELETE FROM audit_chain",
    "TRUNCATE audit_chain",
    "UPDATE audit_chain SET floor = 1, floor_head = head",
    "ALTER TABLE audit_chain DISABLE TRIGGER audit_chain_only_grows",
    "DROP TRIGGER audit_chain_only_grows ON audit_chain",
    "DROP FUNCTION audit_forget_person",
]


def attempt(statement: str, *values: object) -> None:
    with transaction("users"), connections["users"].cursor() as cursor:
        cursor.execute(statement, values or None)


@pytest.mark.parametrize("statement", REFUSED)
def test_the_domains_own_role_is_refused(statement):
    organization = uuid7()
    write(organization, 2)
    with pytest.raises(ProgrammingError) as refused:
        attempt(statement)
    assert isinstance(refused.value.__cause__, psycopg.errors.InsufficientPrivilege)
    assert len(trail(organization)) == 2


@pytest.mark.parametrize(
    "change",
    ["sequence = sequence - 1", "head = floor_head", "sequence = 0, head = floor_head"],
)
def test_a_trail_is_not_wound_back(change):
    write(organization := uuid7(), 2)
    with pytest.raises(IntegrityError, match="can only grow"):
        attempt(f"UPDATE audit_chain SET {change} WHERE organization_id = %s", organization)


def test_a_trail_begins_at_its_beginning():
    with pytest.raises(IntegrityError, match="can only grow"):
        AuditChain.objects.create(
            organization_id=uuid7(), sequence=5, head=b"x", floor=5, floor_head=b"x"
        )


def test_nothing_is_pruned_before_the_shortest_retention():
    write(organization := uuid7(), 2, age=timedelta(days=10))
    attempt("SELECT audit_prune(%s, %s, 10)", organization, now() + timedelta(days=5))
    assert len(trail(organization)) == 2


def test_a_person_is_forgotten_and_nobody_else():
    organization, ada, eve = uuid7(), uuid7(), uuid7()
    write(organization, 2, actor_id=ada)
    write(organization, 1, on_behalf_of=ada)
    write(organization, 1, actor_kind="unknown", target_kind="account", target_id=str(ada))
    write(organization, 1, actor_id=eve)
    before = [bytes(entry.hash) for entry in trail(organization)]
    for _ in range(2):
        forget_person(account_id=ada)
    entries = trail(organization)
    assert [entry.personal is None for entry in entries] == [True] * 4 + [False]
    assert [entry.personal_salt is None for entry in entries] == [True] * 4 + [False]
    assert [bytes(entry.hash) for entry in entries] == before
    assert entries[0].actor_id == ada
