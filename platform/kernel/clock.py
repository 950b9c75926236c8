"""The clock, read only at the edges (api, handlers, tasks, interfaces, commands)."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the present instant in UTC."""
    return datetime.now(UTC)
