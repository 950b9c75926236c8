"""A real `make run`, without the set-up: the launcher as a process, and all that it started."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import psutil

from tests import patience
from tests.patience import eventually

ROOT = Path(__file__).resolve().parent.parent.parent
KEPT = {"HOME", "LANG", "PATH", "TMPDIR", "USER"}


class Launcher:
    """One instance in a data directory of its own."""

    def __init__(self, data: Path, port: int, **environment: str) -> None:
        self.port = port
        self.data = data
        self.log = data.with_suffix(".log")
        kept = {name: value for name, value in os.environ.items() if name in KEPT}
        given = {"DATA_DIR": str(data), "PORT": str(port), "PYTHONPATH": str(ROOT / "platform")}
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "config.launch"],
                cwd=ROOT,
                env=kept | given | environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    @property
    def output(self) -> str:
        return self.log.read_text()

    def wait_until_running(self) -> Launcher:
        def running() -> bool:
            assert self.process.poll() is None, self.output
            return "Tenon runs." in self.output

        eventually(running)
        return self

    def fails(self) -> str:
        assert self.process.wait(patience.SECONDS) != 0, self.output
        return self.output

    def answers(self, path: str = "/livez") -> bool:
        with contextlib.suppress(OSError):
            url = f"http://127.0.0.1:{self.port}{path}"
            return urllib.request.urlopen(url, timeout=patience.SECONDS).status == 200
        return False

    def processes(self) -> list[psutil.Process]:
        launcher = psutil.Process(self.process.pid)
        return [launcher, *launcher.children(recursive=True)]

    def setting(self, name: str) -> str:
        """Return what the instance's own processes are given."""
        text = (self.data / "environment").read_text()
        return re.search(rf"^export {name}='?([^'\n]*)", text, re.MULTILINE)[1]

    def stop(self, sent: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and return what the launcher ends with."""
        self.process.send_signal(sent)
        return self.process.wait(patience.SECONDS)

    def kill_everything(self) -> None:
        for process in self.processes():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self.process.wait()


def still_alive(processes: list[psutil.Process]) -> list[str]:
    """Return what of the processes runs on; a zombie has ended, whoever its parent is."""
    alive = []
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                alive.append(" ".join(process.cmdline()))
    return alive
