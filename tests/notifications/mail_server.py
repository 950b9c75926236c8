"""A real SMTP server that behaves as the test says, over real sockets."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.test import override_settings

from tests import patience
from tests.ports import free_port


@dataclass
class MailServer:
    """`to_recipient` and `to_data` are the answers to RCPT and DATA; "drop" hangs up instead.

    `pause` is how many seconds it takes for a mail, as servers far away do.
    """

    to_recipient: str = "250 OK"
    to_data: str = "250 OK"
    accepted: list[Message] = field(default_factory=list)
    keep_dropped: bool = False
    pause: float = 0.0

    async def handle_RCPT(  # noqa: N802  aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.to_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.to_recipient

    async def handle_DATA(  # noqa: N802  aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        await asyncio.sleep(self.pause)
        received = message_from_bytes(envelope.content)
        if self.to_data == "drop":
            if self.keep_dropped:
                self.accepted.append(received)
            server.transport.abort()
            return "250 nobody hears this"
        if self.to_data.startswith("250"):
            self.accepted.append(received)
        return self.to_data


@contextmanager
def mail_server(**behaviour) -> Iterator[MailServer]:
    """Run the server, and have Django send through it."""
    server = MailServer(**behaviour)
    with listening(server) as port, sending_to(port):
        yield server


@contextmanager
def listening(server: MailServer) -> Iterator[int]:
    """Run the server; the port is given."""
    port = free_port()
    controller = Controller(server, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


def sending_to_either(*ports: int):
    """Have mail sent through the first of these ports that takes it."""
    backend = "django.core.mail.backends.smtp.EmailBackend"
    options = [{"host": "127.0.0.1", "port": port, "timeout": patience.SECONDS} for port in ports]
    return override_settings(
        EMAIL_PROVIDERS=[
            {"name": f"server-{number}", "backend": backend, "options": each}
            for number, each in enumerate(options)
        ]
    )


@contextmanager
def mute_server(*, hangs: bool) -> Iterator[None]:
    """Run something that takes connections and says nothing, or closes them at once."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        held: list[socket.socket] = []

        def take() -> None:
            connection, _ = listener.accept()
            held.append(connection)
            if not hangs:
                connection.close()

        taker = threading.Thread(target=take)
        taker.start()
        with sending_to(listener.getsockname()[1], seconds=0.2 if hangs else patience.SECONDS):
            yield
        taker.join(timeout=patience.SECONDS)
        for connection in held:
            connection.close()


def sending_to(port: int, *, seconds: float = patience.SECONDS):
    return override_settings(
        EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend",
        EMAIL_HOST="127.0.0.1",
        EMAIL_PORT=port,
        EMAIL_HOST_USER="",
        EMAIL_HOST_PASSWORD="",
        EMAIL_USE_TLS=False,
        EMAIL_USE_SSL=False,
        EMAIL_TIMEOUT=seconds,
    )
