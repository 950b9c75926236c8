"""Queries that are asked with every request: the ORM makes their SQL once.

Django makes the SQL of a queryset anew each time, which takes several times as long as asking
PostgreSQL. See docs/adr/0076-hot-queries-are-compiled-once.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.db import connections
from django.db.models import Expression, F, Field, Model, QuerySet
from django.db.models.query import get_related_populators
from django.db.models.sql import UpdateQuery
from django.db.transaction import TransactionManagementError

from kernel import scope

M = TypeVar("M", bound=Model)
_populators: Any = get_related_populators  # the stubs describe a later Django's


class Given(Expression):
    """Stands in a compiled query for a value that each call gives."""

    def __init__(self, name: str, kind: Field[Any, Any] | None = None, *, sql: str = "%s") -> None:
        super().__init__(output_field=kind)
        self.name, self.sql = name, sql

    def as_sql(self, compiler: Any, connection: Any, **_: Any) -> Any:
        """Leave a place for the value."""
        return self.sql, [self]


def each(name: str, kind: str) -> Given:
    """Return what stands for a list of that type of PostgreSQL's, as in `id__in=…`."""
    return Given(name, sql=f"SELECT unnest(%s::{kind}[])")


class CompiledQuery(Generic[M]):
    """A queryset that is compiled when first called, and from then on only executed.

        _BY_EMAIL = CompiledQuery(lambda: Account.objects.filter(email=Given("email")))
        _BY_EMAIL(email="ada@example.com")

    returns the same model instances, `select_related` included, as the queryset would. Nothing of
    the first caller's context stays in it: rows of organizations are read `within(Given(…))`.
    """

    def __init__(self, make: Callable[[], QuerySet[M]]) -> None:
        self._make = make

    def __call__(self, **given: Any) -> list[M]:
        """Return the rows for these values."""
        compiled = self._compiled
        connection = connections[compiled.alias]
        if compiled.locks and connection.get_autocommit():
            raise TransactionManagementError("A lock without a transaction would lock nothing.")
        with connection.cursor() as cursor:
            cursor.execute(compiled.sql, _fill(compiled.parameters, given))
            rows = cursor.fetchall()
        return [compiled.to_instance(row) for row in compiled.convert(rows)]

    def first(self, **given: Any) -> M | None:
        """Return the first row for these values, None if there is none."""
        return next(iter(self(**given)), None)

    @cached_property
    def _compiled(self) -> _Compiled[M]:
        with scope.use(None):
            return _Compiled(self._make())


class _Compiled(Generic[M]):
    """What `ModelIterable` works out of a queryset each time."""

    def __init__(self, queryset: QuerySet[M]) -> None:
        self.alias = queryset.db
        self.locks = queryset.query.select_for_update
        compiler: Any = queryset.query.get_compiler(using=self.alias)
        self.sql, self.parameters = compiler.as_sql()
        model, columns = compiler.klass_info["model"], compiler.klass_info["select_fields"]
        self._from_db = model.from_db
        self._own = slice(columns[0], columns[-1] + 1)
        self._names = [column[0].target.attname for column in compiler.select[self._own]]
        self._related = _populators(compiler.klass_info, compiler.select, self.alias)
        self._annotations = list(compiler.annotation_col_map.items())
        self._converters = compiler.get_converters([column[0] for column in compiler.select])
        self._convert = compiler.apply_converters

    def convert(self, rows: list[Any]) -> Any:
        """Return the rows with the fields' own types."""
        return self._convert(rows, self._converters) if self._converters else rows

    def to_instance(self, row: Any) -> M:
        """Return the model instance of a row, with its related ones and its annotations."""
        instance: M = self._from_db(self.alias, self._names, row[self._own])
        for populator in self._related:
            populator.populate(row, instance)
        for name, position in self._annotations:
            setattr(instance, name, row[position])
        return instance


class CompiledUpdate:
    """An update of a queryset's rows that is compiled when first called.

    _SEEN = CompiledUpdate(lambda: Account.objects.filter(id=Given("id")), seen_at=Given("now"))
    """

    def __init__(self, make: Callable[[], QuerySet[Any]], **values: Expression | F) -> None:
        self._make, self._values = make, values

    def __call__(self, **given: Any) -> int:
        """Update the rows; return how many there were."""
        alias, sql, parameters = self._compiled
        with connections[alias].cursor() as cursor:
            cursor.execute(sql, _fill(parameters, given))
            return int(cursor.rowcount)

    @cached_property
    def _compiled(self) -> tuple[str, str, tuple[Any, ...]]:
        with scope.use(None):
            queryset = self._make()
        query: Any = queryset.query.chain(UpdateQuery)
        query.add_update_values(self._values)
        return queryset.db, *query.get_compiler(using=queryset.db).as_sql()


def _fill(parameters: Iterable[Any], given: Mapping[str, Any]) -> list[Any]:
    """Return a statement's parameters with the given values in their places."""
    return [given[p.name] if isinstance(p, Given) else p for p in parameters]
