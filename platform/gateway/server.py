"""The threaded worker of gunicorn, whose own refusals have the form of every other error.

gunicorn imports it before there is a Django, so what answers is imported when it is needed.
"""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import Any

from gunicorn import util
from gunicorn.workers.gthread import ThreadWorker


class Worker(ThreadWorker):
    """Serves the API."""

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: Exception) -> None:
        """Answer what never became a request of Django's; the connection is then closed."""
        from gateway import unreadable

        answer = unreadable.answer(exc, address=addr[0] if addr else "", limits=self.cfg)
        with suppress(OSError):  # the client has gone
            util.write_nonblock(client, answer)
