"""What a request changes: looked at in the database, then taken back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from django.conf import settings
from django.db import connections, transaction
from psycopg import sql

from tests.isolation.naming import NOWHERE, Mark

# Not rows of anybody: what Django remembers of itself.
SKIPPED = {"django_migrations", "django_content_type", "auth_permission"}
SAVEPOINT = "before_the_call"
COUNT = "SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_xact_user_tables"


@contextmanager
def undone() -> Iterator[None]:
    """Roll back, in every domain's database, whatever happens in the block.

    The blocks are marked as a test case's own: the code under test takes no notice of them.
    """
    blocks = []
    for alias in settings.ALL_DOMAINS:
        block = transaction.atomic(using=alias)
        block._from_testcase = True
        block.__enter__()
        blocks.append((alias, block))
    try:
        yield
    finally:
        for alias, block in reversed(blocks):
            transaction.set_rollback(True, using=alias)
            block.__exit__(None, None, None)


def belongings(mark: Mark, *, besides: Mark = NOWHERE) -> dict[str, str]:
    """Return by table a digest of all rows that tell an id or a word of the side.

    Rows that tell one of the side `besides` are left out.
    """
    found = {}
    values = {"pattern": mark.pattern, "besides": besides.pattern}
    for alias in settings.ALL_DOMAINS:
        with connections[alias].cursor() as cursor:
            cursor.execute(_query(alias), values)
            found |= {f"{alias}.{table}": f"{rows}:{digest}" for table, rows, digest in cursor}
    return found


@cache
def _query(alias: str) -> sql.Composed:
    tables = sorted({*connections[alias].introspection.table_names()} - SKIPPED)
    return sql.SQL(" UNION ALL ").join(_digest(table) for table in tables)


def _digest(table: str) -> sql.Composed:
    return sql.SQL(
        "SELECT {name}, count(*), coalesce(sum(hashtextextended(t, 0)::numeric), 0)::text"
        " FROM (SELECT to_jsonb(r)::text AS t FROM {table} AS r) AS rows"
        " WHERE t ~* %(pattern)s AND t !~* %(besides)s"
    ).format(name=sql.Literal(table), table=sql.Identifier(table))


class Watch:
    """Sees which domains a call has written in, and takes back what it wrote.

    PostgreSQL counts the rows that the open transaction has written. Whoever wrote nothing, which
    is most calls, costs one small query a domain.
    """

    def __init__(self) -> None:
        for alias in settings.ALL_DOMAINS:
            self._execute(alias, f"SAVEPOINT {SAVEPOINT}")
        self.counted = {alias: self._count(alias) for alias in settings.ALL_DOMAINS}

    def written(self) -> set[str]:
        """Return the domains that rows were written in since the last time."""
        now = {alias: self._count(alias) for alias in settings.ALL_DOMAINS}
        found = {alias for alias, count in now.items() if count != self.counted[alias]}
        self.counted = now
        return found

    def take_back(self, aliases: set[str]) -> None:
        """Undo what was written in the domains."""
        for alias in aliases:
            connections[alias].needs_rollback = False
            self._execute(alias, f"ROLLBACK TO SAVEPOINT {SAVEPOINT}")

    def _count(self, alias: str) -> int | None:
        """Return how many rows were written; None after an error that ends the transaction."""
        if connections[alias].needs_rollback:
            return None
        return self._execute(alias, COUNT)[0]

    def _execute(self, alias: str, query: str) -> tuple:
        with connections[alias].cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchone() if cursor.description else ()
