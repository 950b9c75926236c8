"""The manager of rows that belong to an organization: without one in context it refuses.

See docs/adr/0090-rows-of-an-organization-are-read-within-it.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Manager, Model, QuerySet
from django.db.models.sql.where import AND

from kernel import scope
from kernel.queries import Given
from kernel.scope import NoOrganizationInContext

M = TypeVar("M", bound=Model)


class OrganizationScopedManager(Manager[M]):
    """Reads the rows of the organizations in context, `within` some, or said to be `everywhere`.

    Reading without any of these raises `NoOrganizationInContext`. What is reached from a scoped
    row at hand (`organization.memberships`) stays with that row and asks for nothing more. A new
    row says its organization itself.
    """

    column = "organization_id"

    def get_queryset(self) -> QuerySet[M]:
        """Return the rows of the organizations in context."""
        rows = super().get_queryset()
        if is_scoped(type(getattr(self, "instance", None))):
            return rows
        present = scope.current()
        if present is None:
            raise NoOrganizationInContext(
                f"{self.model.__name__}.objects was read without an organization in context: "
                "say within(…) or everywhere()."
            )
        return rows if present is scope.EVERYWHERE else self._of(rows, *present)

    def within(self, *organization_ids: UUID | Given) -> QuerySet[M]:
        """Return the rows of these organizations, whatever is in context."""
        return self._of(super().get_queryset(), *organization_ids)

    def everywhere(self) -> QuerySet[M]:
        """Return the rows of all organizations; each use is listed with its reason in a test."""
        return super().get_queryset()

    def create(self, **values: Any) -> M:
        """Make a row, which reads none."""
        return super().get_queryset().create(**values)

    def bulk_create(self, objs: Iterable[M], *args: Any, **options: Any) -> list[M]:
        """Make rows, which reads none."""
        return super().get_queryset().bulk_create(objs, *args, **options)

    def _of(self, rows: QuerySet[M], *organization_ids: UUID | Given) -> QuerySet[M]:
        """Give the fresh queryset its condition, in a quarter of the time of `filter`."""
        field: Any = self.model._meta.get_field(self.column)
        column = field.get_col(rows.query.get_initial_alias())
        if len(organization_ids) == 1:
            condition = field.get_lookup("exact")(column, organization_ids[0])
        else:
            condition = field.get_lookup("in")(column, organization_ids)
        rows.query.where.add(condition, AND)
        return rows


def is_scoped(model: type[Any]) -> bool:
    """Return whether the model's rows are read within organizations."""
    return isinstance(getattr(model, "_default_manager", None), OrganizationScopedManager)
