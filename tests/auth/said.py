"""What was published, read from the outbox."""

from __future__ import annotations

from kernel.models import Outbox


def said(name: str = "") -> list[tuple[str, dict]]:
    """Return the names and payloads of auth's events, in order."""
    rows = Outbox.objects.using("auth").order_by("id")
    return [(row.name, row.payload) for row in rows if name in ("", row.name)]


def names() -> list[str]:
    return [name for name, _ in said()]
