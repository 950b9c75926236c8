"""A real OpenID provider, npm's oidc-provider, as a process of its own."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests import patience
from tests.npm import installed

HERE = Path(__file__).resolve().parent
SOURCE = HERE / "provider"


@contextmanager
def running(*options: dict[str, Any]) -> Iterator[list[str]]:
    """Run a provider for each of the options; yield their issuers."""
    folder = installed(SOURCE, name="oidc-provider")
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
