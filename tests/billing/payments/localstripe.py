"""A stand-in for Stripe's servers (localstripe) as a process of its own on a free port."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PINNED = Path(__file__).with_suffix(".txt")
INSTALL_SECONDS = 300
# Bound to one address, with nothing kept on disk; the socket is there before the port is told.
SERVE = """
import socket
from aiohttp import web
from localstripe.resources import Store
Store.dump_to_disk = lambda self: None
from localstripe.server import app
listening = socket.create_server(("127.0.0.1", 0))
print(listening.getsockname()[1], flush=True)
web.run_app(app, sock=listening, print=None, access_log=None)
"""


class CannotInstall(Exception):
    """The packages can't be had here."""


def interpreter() -> Path:
    """Return a Python that has localstripe, installed once per set of pins."""
    digest = hashlib.sha256(PINNED.read_bytes()).hexdigest()[:16]
    home = ROOT / ".cache" / f"localstripe-{digest}"
    python, done = home / "bin" / "python", home / "installed"
    if not done.exists():
        _run(sys.executable, "-m", "venv", "--clear", str(home))
        pip = (str(python), "-m", "pip", "install", "--quiet", "--require-hashes")
        _run(*pip, "--no-build-isolation", "-r", str(PINNED))
        done.touch()
    return python


def _run(*command: str) -> None:
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CannotInstall(str(error)) from error
    if done.returncode:
        raise CannotInstall(done.stderr.strip().rpartition("\n")[2])


@contextmanager
def serving(python: Path) -> Iterator[str]:
    """Run it until the block ends; give the address it answers at."""
    process = subprocess.Popen(
        [str(python), "-c", SERVE],
        stdout=subprocess.PIPE,
        env={"PATH": os.environ.get("PATH", os.defpath)},
    )
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.kill()
        process.wait()


def post(url: str, values: dict[str, str], key: str = "sk_test_12345") -> dict:
    """Ask as a browser at Stripe's form would, which our own server never does."""
    request = urllib.request.Request(
        url,
        data=urllib.parse.urlencode(values).encode(),
        headers={"Authorization": f"Bearer {key}"},
    )
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read() or b"{}")
