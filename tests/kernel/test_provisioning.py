"""Provisioning and migrating: repeatable, and safe twice at once."""

import os
import subprocess
import sys
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from config.domains import ALL_DOMAINS
from tests import patience

pytestmark = pytest.mark.slow


@pytest.fixture
def empty_database():
    name = f"provisioned_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    with psycopg.connect(os.environ["DATABASE_URL"], dbname="postgres", autocommit=True) as owner:
        owner.execute(f'CREATE DATABASE "{name}"')
        yield urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))
        owner.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def owned_database():
    """The URL of a database whose owner is no superuser, as hosted ones are."""
    name = f"owned_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    given = urlsplit(os.environ["DATABASE_URL"])
    with psycopg.connect(given.geturl(), dbname="postgres", autocommit=True) as superuser:
        superuser.execute(f"CREATE ROLE \"{name}\" LOGIN CREATEROLE PASSWORD 'owner'")
        superuser.execute(f'CREATE DATABASE "{name}" OWNER "{name}"')
        _, _, place = given.netloc.rpartition("@")
        yield urlunsplit(given._replace(netloc=f"{name}:owner@{place}", path=f"/{name}"))
        superuser.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        for domain in ALL_DOMAINS:
            superuser.execute(f'DROP ROLE "{name}_{domain}", "{name}_{domain}_keeper"')
        superuser.execute(f'DROP ROLE "{name}"')


def start(command, url):
    environment = {**os.environ, "DATABASE_URL": url}
    return subprocess.Popen(
        [sys.executable, "manage.py", command], env=environment, stderr=subprocess.PIPE, text=True
    )


def finish(process):
    _, said = process.communicate(timeout=patience.SECONDS)
    assert process.returncode == 0, said


def test_two_at_once_and_a_repetition_end_in_the_same_tables(empty_database):
    for command in ("provision", "migrate_domains"):
        both = [start(command, empty_database) for _ in range(2)]
        for process in both:
            finish(process)
    with psycopg.connect(empty_database) as connection:
        rows = connection.execute(
            "SELECT DISTINCT schemaname FROM pg_tables"
            " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        kernel = connection.execute(
            "SELECT count(*) FROM pg_tables WHERE tablename = 'outbox'"
        ).fetchone()
        foreign = connection.execute(
            "SELECT count(*) FROM pg_constraint c JOIN pg_class a ON a.oid = c.conrelid"
            " JOIN pg_class b ON b.oid = c.confrelid WHERE a.relnamespace <> b.relnamespace"
        ).fetchone()
    assert {name for (name,) in rows} == set(ALL_DOMAINS)
    assert kernel == (len(ALL_DOMAINS),)
    assert foreign == (0,)


def test_an_owner_who_is_no_superuser_prepares_it_as_often_as_they_like(owned_database):
    for _ in range(2):
        finish(start("prepare", owned_database))


def test_a_database_that_can_not_be_reached_is_named_without_its_password():
    url = "postgresql://owner:hunter2@127.0.0.1:1/tenon"
    process = start("provision", url)
    _, said = process.communicate(timeout=patience.SECONDS)
    assert process.returncode == 1
    assert "127.0.0.1" in said
    assert "hunter2" not in said
    assert "Traceback" not in said


def test_once_sealed_no_domain_becomes_the_owner_of_what_it_only_adds_to(empty_database):
    name = urlsplit(empty_database).path.removeprefix("/")
    role, keeper = f"{name}_users", f"{name}_users_keeper"

    def may_become() -> bool:
        with psycopg.connect(empty_database) as connection:
            found = connection.execute("SELECT pg_has_role(%s, %s, 'SET')", [role, keeper])
            return found.fetchone()[0]

    finish(start("prepare", empty_database))
    assert not may_become()
    finish(start("provision", empty_database))
    assert may_become()
    finish(start("prepare", empty_database))
    assert not may_become()
