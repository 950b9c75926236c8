"""Inserting many rows at once, past the ORM's compiler, which takes most of the time of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connections, router
from django.db.models import Field, JSONField, Model
from psycopg import sql
from psycopg.types.json import Json

_encode = DjangoJSONEncoder().encode


def insert(rows: Sequence[Model]) -> None:
    """Insert the rows, all of one model, as PostgreSQL's COPY does, in the open transaction.

    Values are those that the columns take: nothing is converted, and nothing of the rows is
    changed. Raises `django.db.Error`.
    """
    if not rows:
        return
    model = type(rows[0])
    fields = [(field.attname, _adapter(field)) for field in model._meta.concrete_fields]
    names = [str(field.column) for field in model._meta.concrete_fields]
    columns = sql.SQL(", ").join(map(sql.Identifier, names))
    table = sql.Identifier(model._meta.db_table)
    connection = connections[router.db_for_write(model)]
    with connection.cursor() as cursor, connection.wrap_database_errors:
        statement = sql.SQL("COPY {} ({}) FROM STDIN").format(table, columns)
        with cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row([adapt(getattr(row, name)) for name, adapt in fields])


def _adapter(field: Field[Any, Any]) -> Callable[[Any], Any]:
    return _json if isinstance(field, JSONField) else _as_it_is


def _json(value: Any) -> Json | None:
    return None if value is None else Json(value, dumps=_encode)


def _as_it_is(value: Any) -> Any:
    return value
