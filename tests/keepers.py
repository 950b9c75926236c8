"""Emptying tables between tests: those with rows, also those that their domain may only add to.

Django's flush truncates every table, makes the permissions and content types anew, and fails for
the audit and the ledger: PostgreSQL refuses that to the domain's role. So what says which kinds of
things there are stays, and the keeper, to whom those two belong, empties them: tests' roles are
never sealed.
"""

from __future__ import annotations

from typing import Any

from django.core.management.commands import flush
from django.db.backends.postgresql.operations import DatabaseOperations

from kernel.provisioning import keeper_of

KEPT = {"audit_entry", "audit_chain", "audit_anchor", "posting_group", "posting"}
PERMANENT = {"auth_permission", "django_content_type"}
_sql_flush = DatabaseOperations.sql_flush


def sql_flush(self: Any, style: Any, tables: list[str], **options: Any) -> list[str]:
    """Return the statements that empty the tables, and the empty ones that point to them."""
    filled = _filled(self, tables)
    options["allow_cascade"] = True
    own = _sql_flush(self, style, [table for table in filled if table not in KEPT], **options)
    kept = _sql_flush(self, style, [table for table in filled if table in KEPT], **options)
    if not kept:
        return own
    keeper = self.quote_name(keeper_of(self.connection.settings_dict["USER"]))
    return [*own, f"SET LOCAL ROLE {keeper}", *kept, "RESET ROLE"]


def _filled(self: Any, tables: list[str]) -> list[str]:
    named = [
        f"SELECT '{table}' WHERE EXISTS (TABLE {self.quote_name(table)})"
        for table in tables
        if table not in PERMANENT
    ]
    with self.connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(named))
        return [table for (table,) in cursor.fetchall()]


def install() -> None:
    """Have every flush of this process be such a one."""
    DatabaseOperations.sql_flush = sql_flush  # type: ignore[method-assign]
    flush.emit_post_migrate_signal = lambda *_: None
