"""Identifiers."""

from uuid import UUID

from uuid_utils.compat import uuid7 as _uuid7


def uuid7() -> UUID:
    """Return a new UUID of version 7: random, and sorted by time (RFC 9562, 5.7)."""
    return _uuid7()
