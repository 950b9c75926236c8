"""Taking the connection of a request out of the hands of gunicorn's threaded worker.

A WSGI server knows no other end of a response than its last byte. So its descriptor is made that
of another connection, whose far end is closed: what the server still has to say goes there, fails
as it does when a client has gone, and is tidied up the same way. The client's connection lives on.
"""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Callable, Mapping
from typing import Any

from kernel.errors import Unavailable

SOCKET = "gunicorn.socket"
VERSIONS = ("HTTP/1.0", "HTTP/1.1")
# Whoever doesn't acknowledge for so long is gone (RFC 5482).
UNACKNOWLEDGED_MILLISECONDS = 30_000


class StreamsUnsupported(Unavailable):
    code = "kernel.streams_unsupported"
    title = "This server can't hold streams open"


def require_socket(environ: Mapping[str, Any]) -> socket.socket:
    """Return the request's connection if it can be taken; raise `StreamsUnsupported`."""
    found = environ.get(SOCKET)
    known = environ.get("SERVER_PROTOCOL") in VERSIONS
    if not known or not isinstance(found, socket.socket) or isinstance(found, ssl.SSLSocket):
        raise StreamsUnsupported("Ask for `GET notifications` instead.", retry_after=60)
    return found


class Handover:
    """The body of a response whose connection is given away once its headers have been sent.

    The server sends `opening` with them. Then `take` is given the connection, not blocking; if
    it never comes to that, `leave` is called.
    """

    def __init__(
        self,
        connection: socket.socket,
        *,
        opening: bytes,
        take: Callable[[socket.socket], None],
        leave: Callable[[], None],
    ) -> None:
        self._connection = connection
        self._opening: bytes | None = opening
        self._take = take
        self._leave: Callable[[], None] | None = leave

    def __iter__(self) -> Handover:
        return self

    def __next__(self) -> bytes:
        if self._opening is not None:
            opening, self._opening = self._opening, None
            return opening
        taken = _exchange(self._connection)
        try:
            self._take(taken)
        except BaseException:
            taken.close()
            raise
        self._leave = None
        raise StopIteration

    def close(self) -> None:
        """End it, whether or not it came to giving the connection away."""
        leave, self._leave = self._leave, None
        if leave is not None:
            leave()


def _exchange(connection: socket.socket) -> socket.socket:
    """Return the connection under a descriptor of its own, and leave a dead one in its place."""
    taken = socket.socket(fileno=os.dup(connection.fileno()))
    left, far = socket.socketpair()
    far.close()
    os.dup2(left.fileno(), connection.fileno(), inheritable=False)
    left.close()
    taken.settimeout(0)
    if taken.family in (socket.AF_INET, socket.AF_INET6):
        taken.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            taken.setsockopt(
                socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNACKNOWLEDGED_MILLISECONDS
            )
    return taken
