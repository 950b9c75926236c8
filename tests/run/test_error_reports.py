"""SENTRY_DSN, with a server of the test in Sentry's place."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from tests.run.launcher import ROOT

SECRET = "correct horse battery staple"
FAILING = f"""
import django, logging
django.setup()
from kernel import context
def fail(typed):
    raise RuntimeError("the reason")
with context.use(context.RequestContext(request_id="req-7")):
    try:
        fail({SECRET!r})
    except RuntimeError as error:
        logging.getLogger("gateway.errors").error("Unhandled", exc_info=error)
"""


class Receiver(ThreadingHTTPServer):
    """Takes reports as Sentry does."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.bodies: list[str] = []

    @property
    def dsn(self) -> str:
        return f"http://public@127.0.0.1:{self.server_port}/1"


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        self.server.bodies.append(body.decode())
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def fail(dsn: str) -> None:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONPATH": "platform:.",
        "SENTRY_DSN": dsn,
    }
    subprocess.run([sys.executable, "-c", FAILING], cwd=ROOT, env=environment, check=True)


def test_an_error_is_reported_with_its_request_and_without_anybodys_data(receiver):
    fail(receiver.dsn)
    (report,) = [body for body in receiver.bodies if "RuntimeError" in body]
    event = json.loads(report.splitlines()[-1])
    assert event["exception"]["values"][0]["value"] == "the reason"
    assert event["tags"]["request_id"] == "req-7"
    assert SECRET not in report


def test_nothing_is_reported_unless_it_was_asked_for(receiver):
    fail("")
    assert not receiver.bodies
