"""What the tests of live streams share: the real web server on this test's databases, clients."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psutil
from django.conf import settings
from psycopg.conninfo import make_conninfo

from tests import patience
from tests.patience import eventually
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, kw_only=True)
class Event:
    """What a stream has said."""

    name: str
    id: int | None
    data: dict[str, Any]


class Web:
    """gunicorn as it is shipped, serving what this test has in its databases."""

    def __init__(self, log: Path, **given: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = log
        self._environment = {**os.environ, **_databases(), **self._settings(), **given}
        self._process: subprocess.Popen[bytes] | None = None

    def _settings(self) -> dict[str, str]:
        return {
            "TESTING": "false",
            "LOG_LEVEL": "INFO",
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "WEB_CONCURRENCY": "1",
            "REDIS_URL": settings.REDIS_URL,
            "CORS_ALLOWED_ORIGINS": "http://app.example",
            "PYTHONPATH": f"{ROOT / 'platform'}{os.pathsep}{ROOT}",
        }

    def start(self) -> None:
        command = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py"]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*command, "config.wsgi:application"],
                cwd=ROOT,
                env=self._environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        eventually(self._answers)

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.log.read_text()[-3000:]
        with suppress(httpx.TransportError):
            return httpx.get(f"{self.url}/livez", timeout=patience.SECONDS).status_code == 200
        return False

    @property
    def workers(self) -> list[psutil.Process]:
        assert self._process is not None
        return psutil.Process(self._process.pid).children()

    def kill(self) -> None:
        """Kill the server and its workers at once, as nothing can be told of beforehand."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        """Ask the server to stop, and wait until it has."""
        assert self._process is not None
        if self._process.poll() is None:
            self._process.terminate()
            self._process.wait(patience.SECONDS)


def _databases() -> dict[str, str]:
    from django.db import connections

    found = {}
    for domain in settings.DOMAINS:
        about = connections[domain].settings_dict
        found[f"{domain.upper()}_DATABASE_URL"] = make_conninfo(
            host=about["HOST"],
            port=about["PORT"] or None,
            user=about["USER"],
            password=about["PASSWORD"],
            dbname=about["NAME"],
        )
    return found


@contextmanager
def serving(directory: Path, **given: str) -> Iterator[Web]:
    web = Web(directory / "web.log", **given)
    web.start()
    try:
        yield web
    finally:
        web.stop()


@contextmanager
def stream(web: Web, token: str | None = None, **asked: Any) -> Iterator[Iterator[Event]]:
    """Open a stream and yield what it says; `asked` goes into the query."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    if "after" in asked:
        headers["Last-Event-ID"] = str(asked.pop("after"))
    url = f"{web.url}/api/v1/notifications/stream"
    with httpx.stream(
        "GET", url, params=asked, headers=headers, timeout=patience.SECONDS
    ) as response:
        if response.status_code != 200:
            response.read()
        assert response.status_code == 200, response.text
        assert response.headers["Content-Type"] == "text/event-stream"
        yield events(response.iter_lines())


def events(lines: Iterator[str]) -> Iterator[Event]:
    """Yield the events of the lines (WHATWG HTML, 9.2.6), as far as they come."""
    said: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(": ")
        if line:
            said[name] = value
        elif "data" in said:
            number = int(said["id"]) if "id" in said else None
            yield Event(name=said["event"], id=number, data=json.loads(said["data"]))
            said = {}
        else:
            said = {}


def connect(web: Web, token: str, *, version: str = "1.1") -> socket.socket:
    """Return a connection on which a stream has been asked for."""
    parts = urlsplit(web.url)
    connection = socket.create_connection((parts.hostname, parts.port), patience.SECONDS)
    connection.sendall(
        b"GET /api/v1/notifications/stream HTTP/" + version.encode() + b"\r\n"
        b"Host: 127.0.0.1\r\n"
        b"Authorization: Bearer " + token.encode() + b"\r\n\r\n"
    )
    return connection
