"""What a killed instance left behind: running processes, and pid files of dead ones."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path


def end_leftover(pid_file: Path, *, marker: str) -> None:
    """End what a killed launcher left running on this data, and remove its pid file.

    The number in the file may long belong to another process, so the command line decides.
    """
    try:
        pid = int(pid_file.read_text().split()[0])
    except (FileNotFoundError, IndexError, ValueError):
        pid = 0
    for sent in (signal.SIGINT, signal.SIGKILL):
        if not (pid and runs(pid, marker)):
            break
        os.kill(pid, sent)
        deadline = time.monotonic() + 5
        while runs(pid, marker) and time.monotonic() < deadline:
            time.sleep(0.05)
    pid_file.unlink(missing_ok=True)


def runs(pid: int, marker: str) -> bool:
    """Return whether the process is there, no zombie, and has `marker` in its command line."""
    with contextlib.suppress(OSError):
        return marker.encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
    shown = subprocess.run(
        ["ps", "-p", str(pid), "-o", "args="],
        capture_output=True,
        text=True,
        check=False,
    )
    return marker in shown.stdout
