"""Take out one organization filter or permission check at a time, and see the matrix go red.

    make mutations

Each patch is applied to a copy of the tree, in which the rows of the operations that it concerns
are run; all of them are green without any. Whatever survives is a hole in the matrix.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests import servers
from tests.isolation.patches import PATCHES, Patch

ROOT = Path(__file__).parents[2]
AT_ONCE = 2
SECONDS = 600
RED = 1


@dataclass(frozen=True)
class Outcome:
    """How a patch ended, and what saw it."""

    patch: Patch
    killed: bool
    said: str
    seconds: float


def main() -> int:
    """Run every patch, print what became of it, and return how many survived."""
    chosen = [p for p in PATCHES if not sys.argv[1:] or any(a in p.file for a in sys.argv[1:])]
    shares = [chosen[start::AT_ONCE] for start in range(min(AT_ONCE, len(chosen)))]
    with ProcessPoolExecutor(AT_ONCE) as pool:
        outcomes = [outcome for share in pool.map(_run_all, shares) for outcome in share]
    survived = [o for o in outcomes if not o.killed]
    print(f"{len(outcomes)} patches, {len(outcomes) - len(survived)} killed")  # noqa: T201
    return len(survived)


def _run_all(patches: Sequence[Patch]) -> list[Outcome]:
    """Run the patches one after another, on servers and in a copy of their own."""
    with servers.started(), tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "tree"
        _copy(copy)
        code, said = _pytest(copy, " or ".join(sorted({patch.seen_by for patch in patches})))
        if code:
            raise SystemExit(f"The matrix is red without any patch:\n{said[-4000:]}")
        return [_run(patch, copy) for patch in patches]


def _copy(to: Path) -> None:
    ignored = shutil.ignore_patterns(".venv", ".cache", ".git", ".data", "__pycache__", ".*_cache")
    shutil.copytree(ROOT, to, ignore=ignored)
    (to / ".venv").symlink_to((ROOT / ".venv").resolve())


def _run(patch: Patch, copy: Path) -> Outcome:
    path = copy / patch.file
    whole = path.read_text()
    path.write_text(whole.replace(patch.text, patch.replacement))
    started = time.monotonic()
    try:
        code, said = _pytest(copy, patch.seen_by)
    finally:
        path.write_text(whole)
    seen = re.search(r"^FAILED \S+::(\S+)", said, re.MULTILINE)
    killed = code == RED and seen is not None
    outcome = Outcome(patch, killed, seen[1] if seen else said, time.monotonic() - started)
    _tell(outcome)
    return outcome


def _pytest(copy: Path, which: str) -> tuple[int, str]:
    # Named a parallel process, it takes the servers that run already, and their databases.
    environment = {**os.environ, "PYTEST_XDIST_WORKER": "gw0", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-n", "0"),
            *("--reuse-db", "--tb=line", "-k", which, "tests/isolation/test_matrix.py"),
        ],
        cwd=copy,
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def _tell(outcome: Outcome) -> None:
    state = "killed" if outcome.killed else "SURVIVED"
    patch = outcome.patch
    print(  # noqa: T201
        f"{state:8} {outcome.seconds:4.0f} s  {patch.file}: {patch.why}\n"
        f"{'':18}{outcome.said[-2000:]}",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
