"""Days as commands take them."""

from __future__ import annotations

from datetime import UTC, datetime, time

from django.utils.dateparse import parse_date


def day(text: str) -> datetime:
    """Return the beginning of the day (2028-01-01, UTC); raise `ValueError` if it is none."""
    found = parse_date(text)
    if found is None:
        raise ValueError(text)
    return datetime.combine(found, time(), UTC)
