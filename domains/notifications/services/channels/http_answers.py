"""What the status of an answer to a message means, whoever gave it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from domains.notifications.models import Failure

# 402: no credit; 401 and 403: not our key.
OURS = frozenset({401, 402, 403, 407})
# It was not taken, and somebody else may take it meanwhile.
BUSY = frozenset({429, 503})
LATER = frozenset({408, 409, 425})
LONGEST_WAIT = timedelta(hours=1)


def meaning(status: int, headers: Mapping[str, str]) -> tuple[Failure, timedelta | None]:
    """Return the class of a failure by its status, and for how long to leave the far side alone.

    A server's own error (5xx) may have come after it took the message: that is uncertain.
    """
    if status in BUSY:
        return Failure.UNREACHABLE, wait_of(headers)
    if status in OURS:
        return Failure.CONFIGURATION, None
    if status in LATER:
        return Failure.TEMPORARY, wait_of(headers)
    return (Failure.UNCERTAIN if status >= 500 else Failure.PERMANENT), None  # noqa: PLR2004


def wait_of(headers: Mapping[str, str]) -> timedelta | None:
    """Return what Retry-After says in seconds (RFC 9110, 10.2.3), bounded."""
    said = {name.lower(): value for name, value in headers.items()}.get("retry-after", "")
    if not said.isascii() or not said.isdecimal():
        return None
    return min(timedelta(seconds=int(said[:6])), LONGEST_WAIT)
