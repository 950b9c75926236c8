"""What a request is called: its id, and its place in a W3C trace."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass

from kernel.ids import uuid7

_REQUEST_ID = re.compile(r"[A-Za-z0-9._:+/=@-]{1,64}\Z")
# Trace Context, 3.2: a later version may append fields, version 00 has none.
_TRACEPARENT = re.compile(
    r"(?!ff)(?P<version>[0-9a-f]{2})-(?!0{32})(?P<trace>[0-9a-f]{32})-(?!0{16})[0-9a-f]{16}"
    r"-(?P<flags>[0-9a-f]{2})(?P<more>-.*)?\Z"
)
_SAMPLED = 0x01
USER_AGENT_LENGTH = 300


@dataclass(frozen=True)
class Trace:
    """A span of ours in a trace that is perhaps the caller's."""

    trace_id: str
    span_id: str
    flags: int

    def __str__(self) -> str:
        return f"00-{self.trace_id}-{self.span_id}-{self.flags:02x}"


def request_id(given: str | None) -> str:
    """Return the caller's id if it is short and printable, or a new one."""
    return given if given and _REQUEST_ID.match(given) else str(uuid7())


def user_agent(given: str | None) -> str:
    """Return what the client calls itself, printable and at most 300 characters of it."""
    return "".join(c for c in (given or "")[:USER_AGENT_LENGTH] if c.isprintable())


def trace(given: str | None) -> Trace:
    """Return a new span of the caller's trace, or of a new one if what was given isn't valid."""
    span_id = secrets.token_hex(8)
    match = _TRACEPARENT.match(given or "")
    if match is None or (match["version"] == "00" and match["more"]):
        return Trace(secrets.token_hex(16), span_id, _SAMPLED)
    return Trace(match["trace"], span_id, int(match["flags"], 16) & _SAMPLED)
