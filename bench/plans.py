"""How PostgreSQL carries out the queries behind a call: by an index, or from end to end."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from typing import Any

BIG_TABLE = 5_000
Query = tuple[str, str, Any]
# A plan says of a function only that it is called.
_CALLED = re.compile(r"FROM (\w+)\(%s")
_BODY = """
    SELECT prosrc, proargnames[:pronargs], proargtypes::regtype[]::text[]
    FROM pg_proc WHERE proname = %s AND pronamespace = current_schema()::regnamespace
"""


def read_whole(ways: Mapping[str, Callable[[], None]]) -> list[str]:
    """Return the queries behind the ways that read a big table from end to end."""
    sizes = _sizes()
    found = []
    for name, call in ways.items():
        for query in _with_bodies(_queries(call)):
            alias, statement, _ = query
            found += [
                f"{name} reads all of {alias}.{table}: {statement[:300]}"
                for table in _read_whole(_plan(query))
                if sizes.get((alias, table), 0) >= BIG_TABLE
            ]
    return found


def tables_read_whole(query: Query) -> list[str]:
    """Return the tables that the query, or one within a function that it calls, reads whole."""
    return [table for each in _with_bodies([query]) for table in _read_whole(_plan(each))]


def _plan(query: Query) -> dict[str, Any]:
    from django.db import connections

    alias, statement, parameters = query
    with connections[alias].cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {statement}", parameters)
        (plan,) = cursor.fetchone()
    [tree] = plan if isinstance(plan, list) else json.loads(plan)
    root: dict[str, Any] = tree["Plan"]
    return root


def _queries(call: Callable[[], None]) -> list[Query]:
    """Return the reading queries of one call: alias, statement, parameters."""
    from django.conf import settings
    from django.db import connections

    noted: list[Query] = []

    def note(execute: Any, statement: str, parameters: Any, many: bool, context: Any) -> Any:  # noqa: FBT001
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            noted.append((context["connection"].alias, statement, parameters))
        return execute(statement, parameters, many, context)

    with ExitStack() as stack:
        for alias in settings.DOMAINS:
            stack.enter_context(connections[alias].execute_wrapper(note))
        call()
    return noted


def _with_bodies(queries: list[Query]) -> Iterator[Query]:
    """Yield the queries, and those that functions of the domains return."""
    from django.db import connections

    for alias, statement, parameters in queries:
        yield alias, statement, parameters
        for name in _CALLED.findall(statement):
            with connections[alias].cursor() as cursor:
                cursor.execute(_BODY, [name])
                source, names, types = cursor.fetchone()
            yield alias, _body(source, names, types), dict(zip(names, parameters, strict=True))


def _body(source: str, names: list[str], types: list[str]) -> str:
    """Return the query that a PL/pgSQL function returns, with parameters for its arguments."""
    [query] = re.findall(r"RETURN QUERY(.+?);", source, re.DOTALL)
    for name, kind in zip(names, types, strict=True):
        query = re.sub(rf"\b{name}\b", f"%({name})s::{kind}", query)
    return str(query)


def _read_whole(node: dict[str, Any], *, bounded: bool = False) -> Iterator[str]:
    """Yield the tables that the plan reads from end to end, and not just so many rows of."""
    kind = node["Node Type"]
    if kind == "Seq Scan" and not (bounded and "Filter" not in node):
        yield node["Relation Name"]
    for child in node.get("Plans", ()):
        yield from _read_whole(child, bounded=kind == "Limit")


def _sizes() -> dict[tuple[str, str], int]:
    """Return how many rows each domain's tables have, as PostgreSQL knows since ANALYZE."""
    from django.conf import settings
    from django.db import connections

    sizes: dict[tuple[str, str], int] = {}
    for alias in settings.DOMAINS:
        with connections[alias].cursor() as cursor:
            cursor.execute(
                "SELECT relname, reltuples FROM pg_class"
                " WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace"
            )
            sizes |= {(alias, name): int(rows) for name, rows in cursor.fetchall()}
    return sizes
