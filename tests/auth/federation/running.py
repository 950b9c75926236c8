"""A real OpenID provider, npm's oidc-provider, as a process of its own."""

from __future__ import annotations

import fcntl
import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests import patience
from tests.needs import program

HERE = Path(__file__).resolve().parent
SOURCE = HERE / "provider"
CACHE = HERE.parents[2] / ".cache" / "oidc-provider"


def _installed() -> Path:
    """Return a folder with the provider and what it needs, fetched once."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted, present = SOURCE / "package.json", CACHE / "package.json"
        done = CACHE / "done"
        if not (done.exists() and present.read_text() == wanted.read_text()):
            done.unlink(missing_ok=True)
            shutil.copy(wanted, present)
            npm = [program("node"), "install", "--no-package-lock", "--no-audit", "--no-fund"]
            installed = subprocess.run(
                npm, cwd=CACHE, check=False, capture_output=True, text=True, timeout=300
            )
            assert installed.returncode == 0, installed.stderr
            done.touch()
        shutil.copy(SOURCE / "server.mjs", CACHE)
    return CACHE


@contextmanager
def running(*options: dict[str, Any]) -> Iterator[list[str]]:
    """Run a provider for each of the options; yield their issuers."""
    folder = _installed()
    command = [shutil.which("node"), "server.mjs", *map(json.dumps, options)]
    log = folder / "log"
    with log.open("ab") as errors:
        process = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors
        )
    try:
        issuers = process.stdout.readline()
        assert issuers, log.read_text()
        yield json.loads(issuers)
    finally:
        process.communicate(timeout=patience.SECONDS)  # the end of its input ends it
