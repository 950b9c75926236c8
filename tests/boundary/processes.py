"""Another process that serves some domains on the tests' own databases, behind a real socket."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import quote

from django.db import connections

from config.domains import ALL_DOMAINS
from tests import patience
from tests.architecture.copies import ROOT

GUNICORN = (sys.executable, "-m", "gunicorn", "-c", "python:tests.boundary.processes")
LISTENING = re.compile(rb"Listening at: (http://[0-9.:]+)")


@dataclass(frozen=True)
class Server:
    """A running process and where it answers."""

    url: str
    process: subprocess.Popen

    def kill(self) -> None:
        """End the process as a crash would, with the processes that it started."""
        os.killpg(self.process.pid, 9)
        self.process.wait()


@contextmanager
def serving(*domains, log, bind="127.0.0.1:0", **environment) -> Iterator[Server]:
    """Serve the domains until the block ends; `environment` is added to the tests' own."""
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [*GUNICORN, "--bind", bind, "config.wsgi:application"],
            cwd=ROOT,
            env=os.environ | _environment(domains) | environment,
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    server = Server(url=_address(process, log), process=process)
    try:
        yield server
    finally:
        if process.poll() is None:
            server.kill()


# What gunicorn reads of this module.
worker_class = "gthread"
threads = 4
keepalive = 5
control_socket_disable = True
loglevel = "info"


def post_worker_init(_worker) -> None:
    """Have the process that serves wait as long as the tests do."""
    patience.give_the_product_more()


def _environment(domains) -> dict[str, str]:
    elsewhere = {f"{domain.upper()}_URL": "http://127.0.0.1:9" for domain in ALL_DOMAINS}
    own = {f"{domain.upper()}_DATABASE_URL": _database_url(domain) for domain in domains}
    return {"DOMAINS": ",".join(domains), "PYTHONPATH": "platform:.", **elsewhere, **own}


def _database_url(domain) -> str:
    given = connections[domain].settings_dict
    name, password = quote(given["USER"]), quote(given["PASSWORD"])
    host, port = quote(given["HOST"], safe=""), given["PORT"]
    return f"postgresql://{name}:{password}@/{given['NAME']}?host={host}" + (
        f"&port={port}" if port else ""
    )


def _address(process, log) -> str:
    def listening() -> re.Match[bytes] | None:
        assert process.poll() is None, log.read_text()
        return LISTENING.search(log.read_bytes())

    return patience.eventually(listening)[1].decode()
