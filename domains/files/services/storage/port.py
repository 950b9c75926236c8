"""Where bytes are kept. One port, an adapter a kind of storage, the same promises from each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import IO, Protocol

from domains.files.contract import Upload


@dataclass(frozen=True, kw_only=True)
class Announced:
    """What a client said it will bring; `storage_key` is random and names nothing."""

    file_id: str
    storage_key: str
    size: int
    content_type: str


class Missing(Exception):
    """The storage holds nothing under this key."""


class Storage(Protocol):
    """Bytes arrive under an incoming key and are sealed before they are checked.

    A sealed key can't be written by whoever holds an upload URL, so what was checked is what is
    served.
    """

    def open_upload(self, *, announced: Announced, expires_at: datetime, now: datetime) -> Upload:
        """Return how the client brings the bytes."""

    def seal(self, *, storage_key: str) -> None:
        """Put what arrived out of the uploader's reach; repeatable. Raises `Missing`."""

    def open(self, *, storage_key: str) -> IO[bytes]:
        """Return the sealed bytes for reading. Raises `Missing`."""

    def delete(self, *, storage_key: str) -> None:
        """Remove all bytes under the key, arrived or sealed; repeatable."""

    def download_url(self, *, storage_key: str, disposition: str, content_type: str) -> str | None:
        """Return a short-lived URL to send the client to, or None if bytes pass through here."""
