"""Setting fields, and saying what that changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Model

from domains.users.contract.events import Change


def apply(row: Model, wanted: Mapping[str, Any]) -> tuple[Change, ...]:
    """Give the row those values that it hasn't; return what changed. Nothing is saved."""
    changes = []
    for field, new in wanted.items():
        old = getattr(row, field)
        if old != new:
            setattr(row, field, new)
            changes.append(Change(field=field, before=_text(old), after=_text(new)))
    return tuple(changes)


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)
