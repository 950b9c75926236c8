"""Roles, schemas and grants: each domain's role makes its tables in one schema and sees no other.

The schema is owned by the domain's keeper, as whom nobody logs in, and so are the tables that the
domain may add to but not change. Its role may become the keeper to migrate, until `seal`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from psycopg import sql

# Any constant: whoever provisions or migrates holds it, so that two at once wait for each other.
LOCK = 0x7E707
PLAIN = "NOSUPERUSER NOCREATEROLE NOBYPASSRLS"


@dataclass(frozen=True, kw_only=True)
class DomainRole:
    """The login role of one domain; the schema has the domain's name."""

    schema: str
    name: str
    password: str

    @property
    def keeper(self) -> str:
        """The role that owns what the domain itself may not change."""
        return keeper_of(self.name)


def keeper_of(role: str) -> str:
    """Return the name of the role's keeper."""
    return f"{role}_keeper"


@contextmanager
def exclusive(connection: psycopg.Connection) -> Iterator[None]:
    """Wait for the advisory lock of the database and hold it for the block."""
    connection.execute("SELECT pg_advisory_lock(%s)", [LOCK])
    try:
        yield
    finally:
        connection.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def provision(*, owner_url: str, roles: Iterable[DomainRole]) -> None:
    """Create or update the roles, schemas and grants; safe to repeat, also twice at once.

    `owner_url` logs in as a role that may create roles and schemas in the database. Raises
    `psycopg.Error` when it may not.
    """
    with psycopg.connect(owner_url, autocommit=True) as connection, exclusive(connection):
        _close_public(connection)
        for role in roles:
            with connection.transaction():
                _provision_role(connection, role)


def seal(*, owner_url: str, roles: Iterable[DomainRole]) -> None:
    """Have no domain's role become its keeper from now on; `provision` lets them again.

    Raises `psycopg.Error` when the owner may not.
    """
    statement = sql.SQL("REVOKE {keeper} FROM {role}")
    with psycopg.connect(owner_url, autocommit=True) as connection, exclusive(connection):
        for role in roles:
            names = {"keeper": sql.Identifier(role.keeper), "role": sql.Identifier(role.name)}
            connection.execute(statement.format(**names))


def _close_public(connection: psycopg.Connection) -> None:
    database = sql.Identifier(connection.info.dbname)
    connection.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))


def _provision_role(connection: psycopg.Connection, role: DomainRole) -> None:
    names = {
        "role": sql.Identifier(role.name),
        "keeper": sql.Identifier(role.keeper),
        "schema": sql.Identifier(role.schema),
        "database": sql.Identifier(connection.info.dbname),
        "password": sql.Literal(role.password),
    }
    for statement in (
        *_making(connection, role.name, "{role}"),
        *_making(connection, role.keeper, "{keeper}"),
        "ALTER ROLE {role} LOGIN NOINHERIT PASSWORD {password}",
        "GRANT {keeper} TO {role}",
        "GRANT {role} TO CURRENT_USER",
        "GRANT CONNECT ON DATABASE {database} TO {role}",
        "GRANT {keeper} TO CURRENT_USER",
        "CREATE SCHEMA IF NOT EXISTS {schema} AUTHORIZATION {keeper}",
        # Whoever owns a schema may drop whatever stands in it, whosever that is.
        "ALTER SCHEMA {schema} OWNER TO {keeper}",
        "REVOKE ALL ON SCHEMA {schema} FROM PUBLIC",
        "GRANT USAGE, CREATE ON SCHEMA {schema} TO {role}",
        "ALTER ROLE {role} SET search_path = {schema}",
        "ALTER ROLE {role} SET lock_timeout = '10s'",
        "ALTER ROLE {role} SET idle_in_transaction_session_timeout = '60s'",
    ):
        connection.execute(sql.SQL(statement).format(**names))


def _making(connection: psycopg.Connection, name: str, place: str) -> Iterator[str]:
    """Yield what makes a plain role of the name, if none is there.

    Only a superuser may say NOSUPERUSER of a role that is there, and most owners are none.
    """
    rights = "SELECT rolsuper OR rolcreaterole OR rolbypassrls FROM pg_roles WHERE rolname = %s"
    found = connection.execute(rights, [name]).fetchone()
    if found is None:
        yield f"CREATE ROLE {place} NOLOGIN {PLAIN}"
    elif found[0]:
        yield f"ALTER ROLE {place} {PLAIN}"
