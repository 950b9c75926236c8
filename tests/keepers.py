"""Emptying tables between tests, also those that their domain may only add to.

Django's flush is one TRUNCATE by the domain's role, which PostgreSQL refuses for the audit. So
the keeper, to whom those belong, empties them: tests' roles are never sealed.
"""

from __future__ import annotations

from typing import Any

from django.db.backends.postgresql.operations import DatabaseOperations

from kernel.provisioning import keeper_of

KEPT = {"audit_entry", "audit_chain", "audit_anchor"}
_sql_flush = DatabaseOperations.sql_flush


def sql_flush(self: Any, style: Any, tables: list[str], **options: Any) -> list[str]:
    """Return the statements that empty the tables."""
    own = _sql_flush(self, style, [table for table in tables if table not in KEPT], **options)
    kept = _sql_flush(self, style, [table for table in tables if table in KEPT], **options)
    if not kept:
        return own
    keeper = self.quote_name(keeper_of(self.connection.settings_dict["USER"]))
    return [*own, f"SET LOCAL ROLE {keeper}", *kept, "RESET ROLE"]


def install() -> None:
    """Have every flush of this process be such a one."""
    DatabaseOperations.sql_flush = sql_flush  # type: ignore[method-assign]
