"""Server-Sent Events as they stand on the wire (WHATWG HTML, 9.2), in chunks (RFC 9112, 7.1)."""

from __future__ import annotations

import json
from typing import Any

from rest_framework.utils.encoders import JSONEncoder

HEARTBEAT = b": still here\n\n"
LAST_CHUNK = b"0\r\n\r\n"


def event(name: str, data: Any, *, id: int | None = None) -> bytes:  # noqa: A002  its name there
    """Return one event; its data is JSON in one line, and without an id the last one stays."""
    number = "" if id is None else f"id: {id}\n"
    said = json.dumps(data, cls=JSONEncoder, ensure_ascii=False, separators=(",", ":"))
    return f"{number}event: {name}\ndata: {said}\n\n".encode()


def retry(*, milliseconds: int) -> bytes:
    """Return how long a client waits before it connects again."""
    return f"retry: {milliseconds}\n\n".encode()


def chunk(data: bytes) -> bytes:
    """Return the data as one chunk of a body of unknown length."""
    return b"%X\r\n%b\r\n" % (len(data), data)
