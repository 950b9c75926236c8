"""Everything that docs/PERFORMANCE.md says, one after the other: `python -m bench`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PARTS = (
    "events",
    "boundary",
    "gateway",
    "decision",
    "usage",
    "entitlements",
    "billing_run",
    "fan_out",
    "http",
    "auth",
    "start",
)


def main() -> None:
    """Run each part in a process of its own, and go on where one fails."""
    paths = os.pathsep.join([str(ROOT / "platform"), str(ROOT)])
    failed = []
    for part in PARTS:
        sys.stdout.write(f"\n== python -m bench.{part}\n")
        sys.stdout.flush()
        command = [sys.executable, "-m", f"bench.{part}"]
        environment = os.environ | {"PYTHONPATH": paths}
        done = subprocess.run(command, cwd=ROOT, env=environment, check=False)
        if done.returncode:
            failed.append(part)
    if failed:
        sys.exit(f"Failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
