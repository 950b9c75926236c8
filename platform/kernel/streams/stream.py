"""One client's stream: whose it is, how far it has been told, and its connection."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast
from uuid import UUID

from kernel.streams import wire

# Above this much that the client has not taken yet, it is told nothing more.
FULL = 256 * 1024


class Stream(asyncio.Protocol):
    """A connection that is only written to; what the client says is not listened to.

    `position` is the last number that it was told of.
    """

    __slots__ = (
        "_closed",
        "_transport",
        "account_id",
        "chunked",
        "counts",
        "ends_at",
        "position",
        "session_id",
        "stuck",
    )

    def __init__(
        self,
        *,
        account_id: UUID,
        session_id: UUID,
        position: int,
        chunked: bool,
        ends_at: float,
        closed: Callable[[Stream], None],
    ) -> None:
        self.account_id = account_id
        self.session_id = session_id
        self.position = position
        self.chunked = chunked
        self.ends_at = ends_at
        self.counts: object = None
        self.stuck = False
        self._closed = closed
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way to the client."""
        self._transport = cast("asyncio.Transport", transport)
        self._transport.set_write_buffer_limits(high=FULL)

    def connection_lost(self, exc: Exception | None) -> None:
        """Leave the hub."""
        self._transport = None
        self._closed(self)

    @property
    def is_open(self) -> bool:
        """Return whether anything written may still arrive."""
        return self._transport is not None and not self._transport.is_closing()

    @property
    def is_full(self) -> bool:
        """Return whether the client takes less than it is told."""
        return self._transport is None or self._transport.get_write_buffer_size() > FULL

    def write(self, data: bytes) -> None:
        """Send the data; to a client that has gone, nothing happens."""
        if self._transport is not None and self.is_open and data:
            self._transport.write(wire.chunk(data) if self.chunked else data)

    def beat(self) -> None:
        """Say that the stream lives; drop a client that has taken nothing since the last time."""
        waiting = self._transport is not None and self._transport.get_write_buffer_size() > 0
        if waiting and self.stuck and self._transport is not None:
            self._transport.abort()
            return
        self.stuck = waiting
        self.write(wire.HEARTBEAT)

    def end(self) -> None:
        """End the body as the protocol asks, and the connection."""
        if self._transport is not None and self.is_open:
            if self.chunked:
                self._transport.write(wire.LAST_CHUNK)
            self._transport.close()
