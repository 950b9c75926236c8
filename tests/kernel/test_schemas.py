"""Each domain's role sees its own schema and no other."""

import itertools
import os

import psycopg
import pytest
from django.conf import settings

from config.domains import ALL_DOMAINS


def connect(domain):
    database = settings.DATABASES[domain]
    # The shared database, not a test's own: there all five schemas stand side by side.
    return psycopg.connect(
        host=database["HOST"],
        port=database["PORT"],
        user=database["USER"],
        password=database["PASSWORD"],
        dbname="tenon",
        autocommit=True,
    )


@pytest.fixture(scope="module")
def secrets():
    """A table with a secret in every schema, made by its own role."""
    for domain in ALL_DOMAINS:
        with connect(domain) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS secret_of_domain (value text)")


@pytest.mark.parametrize(("reader", "owner"), list(itertools.permutations(ALL_DOMAINS, 2)))
def test_a_role_can_not_read_another_domains_schema(secrets, reader, owner):
    with connect(reader) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(f"SELECT * FROM {owner}.secret_of_domain")


@pytest.mark.parametrize(("writer", "owner"), list(itertools.permutations(ALL_DOMAINS, 2)))
def test_a_role_can_not_create_in_another_domains_schema(writer, owner):
    with connect(writer) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(f"CREATE TABLE {owner}.intruder (value text)")


@pytest.mark.parametrize("domain", ALL_DOMAINS)
def test_a_role_reads_its_own_schema_without_naming_it(secrets, domain):
    with connect(domain) as connection:
        assert connection.execute("SELECT current_schema()").fetchone() == (domain,)
        connection.execute("SELECT * FROM secret_of_domain")


@pytest.mark.parametrize("domain", ALL_DOMAINS)
def test_a_role_can_not_use_the_public_schema(domain):
    with connect(domain) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("CREATE TABLE public.intruder (value text)")


@pytest.mark.parametrize("domain", ALL_DOMAINS)
def test_a_role_has_no_special_rights(domain):
    with connect(domain) as connection:
        row = connection.execute(
            "SELECT rolsuper, rolcreaterole, rolbypassrls FROM pg_roles"
            " WHERE rolname = current_user"
        ).fetchone()
    assert row == (False, False, False)


def test_the_roles_passwords_are_not_in_the_environment():
    assert not [name for name in os.environ if name.endswith("_DATABASE_URL")]
