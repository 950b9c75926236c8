"""Packages of npm for tests, fetched once for all processes."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
from pathlib import Path

from tests.needs import program

CACHES = Path(__file__).resolve().parents[1] / ".cache"


def installed(source: Path, *, name: str) -> Path:
    """Return a folder with what the source's package.json wants, and with the source's scripts."""
    cache = CACHES / name
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted, present = source / "package.json", cache / "package.json"
        done = cache / "done"
        if not (done.exists() and present.read_text() == wanted.read_text()):
            done.unlink(missing_ok=True)
            shutil.copy(wanted, present)
            npm = [program("node"), "install", "--no-package-lock", "--no-audit", "--no-fund"]
            ran = subprocess.run(
                npm, cwd=cache, check=False, capture_output=True, text=True, timeout=300
            )
            assert ran.returncode == 0, ran.stderr
            done.touch()
        for script in source.glob("*.mjs"):
            shutil.copy(script, cache)
    return cache
