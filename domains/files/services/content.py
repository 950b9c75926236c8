"""What the bytes really are."""

from __future__ import annotations

import codecs
import hashlib
from dataclasses import dataclass
from typing import IO

import filetype

CHUNK = 1024 * 1024
HEAD = 8192
UNKNOWN = "application/octet-stream"
TEXT = "text/plain"
# The only types that are ever shown inside a page: no script can hide in them.
RASTER_IMAGES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
TEXTUAL = frozenset({"application/json", "application/xml", "application/yaml", "image/svg+xml"})


@dataclass(frozen=True, kw_only=True)
class Content:
    """The facts read from the bytes: `size` in bytes, `sha256` in hex, `content_type` sniffed."""

    size: int
    sha256: str
    content_type: str


def inspect(stream: IO[bytes], *, limit: int) -> Content:
    """Read the stream (no further than just past `limit` bytes) and return what it holds."""
    digest = hashlib.sha256()
    head = b""
    size = 0
    while size <= limit and (chunk := stream.read(CHUNK)):
        head = head or chunk[:HEAD]
        digest.update(chunk)
        size += len(chunk)
    return Content(size=size, sha256=digest.hexdigest(), content_type=sniff(head))


def sniff(head: bytes) -> str:
    """Return the media type that the first bytes show, never what anybody says of them."""
    kind = filetype.guess(head)
    if kind is not None:
        return str(kind.mime)
    return TEXT if _is_text(head) else UNKNOWN


def agrees(*, announced: str, sniffed: str) -> bool:
    """Return whether the bytes can be what the client announced."""
    announced = announced.split(";", maxsplit=1)[0].strip().lower()
    if announced in (UNKNOWN, sniffed):
        return True
    if sniffed == TEXT:
        return announced.startswith("text/") or announced in TEXTUAL or announced.endswith("+json")
    # Formats without a signature are not told apart; those with one must show it.
    return sniffed == UNKNOWN and not _has_signature(announced)


def _has_signature(media_type: str) -> bool:
    return media_type.startswith("text/") or any(kind.mime == media_type for kind in filetype.TYPES)


def _is_text(head: bytes) -> bool:
    if b"\0" in head:
        return False
    try:
        # The head may end in the middle of a character.
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return True
