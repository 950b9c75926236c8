"""Writing a page of deliveries: as one document, which costs a third of a row's arrays."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from typing import Any

from django.db import connections

from domains.notifications.models import Delivery


def write(rows: Sequence[dict[str, Any]]) -> None:
    """Write deliveries, each by its columns' plain values, in the caller's transaction.

    What a row doesn't say has the model's default.
    """
    if not rows:
        return
    blank = _blank()
    document = json.dumps([{**blank, **row} for row in rows], default=str)
    columns = ", ".join(f'"{name}"' for name in ("id", *blank))
    with connections["notifications"].cursor() as cursor:
        cursor.execute(
            # The names are the model's own.
            f"INSERT INTO delivery ({columns}) "  # noqa: S608
            f"SELECT {columns} FROM json_populate_recordset(NULL::delivery, %s)",
            [document],
        )


@cache
def _blank() -> dict[str, Any]:
    """Return the defaults of all columns but the id, and those that PostgreSQL fills in itself."""
    fields = [
        field
        for field in Delivery._meta.concrete_fields
        if not field.primary_key and (field.has_default() or not field.has_db_default())
    ]
    return {str(field.column): field.get_default() for field in fields}
