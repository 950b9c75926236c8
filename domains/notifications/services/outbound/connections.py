"""Connections for httpcore to addresses that were checked, and in bounded time."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterable
from typing import Any

import httpcore

from domains.notifications.services.outbound.deadlines import Deadline
from domains.notifications.services.outbound.errors import Unreachable
from domains.notifications.services.outbound.networks import Address

MOST_ADDRESSES = 3


class PinnedBackend(httpcore.NetworkBackend):
    """Connects to the given addresses, whatever name is asked for; the name remains TLS's."""

    def __init__(self, *, addresses: tuple[Address, ...], deadline: Deadline) -> None:
        self._addresses = addresses
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        failure: Exception | None = None
        for address in self._addresses[:MOST_ADDRESSES]:
            try:
                seconds = min(self._deadline.left(), timeout or self._deadline.left())
                connected = socket.create_connection((str(address), port), seconds)
                connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return _Stream(connected, self._deadline)
            except OSError as error:
                failure = error
        raise Unreachable(f"{host} can't be connected to: {_words(failure)}.") from failure


class _Stream(httpcore.NetworkStream):
    """A socket each of whose operations ends with the deadline of the whole request."""

    def __init__(self, connected: socket.socket, deadline: Deadline) -> None:
        self._socket = connected
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            self._wait_at_most(timeout)
            return self._socket.recv(max_bytes)
        except OSError as error:
            raise httpcore.ReadError(_words(error)) from error

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        try:
            while buffer:
                self._wait_at_most(timeout)
                buffer = buffer[self._socket.send(buffer) :]
        except OSError as error:
            raise httpcore.WriteError(_words(error)) from error

    def close(self) -> None:
        self._socket.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        try:
            self._wait_at_most(timeout)
            secured = ssl_context.wrap_socket(self._socket, server_hostname=server_hostname)
        except (OSError, ValueError) as error:
            self.close()
            raise Unreachable(f"TLS failed: {_words(error)}.") from error
        return _Stream(secured, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        """Answer nothing: what it is asked for concerns HTTP/2 and kept connections."""

    def _wait_at_most(self, seconds: float | None) -> None:
        left = self._deadline.left()
        self._socket.settimeout(left if seconds is None else min(seconds, left))


def _words(error: Exception | None) -> str:
    if isinstance(error, TimeoutError):
        return "it took too long"
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error)
