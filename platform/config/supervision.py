"""supervisord as a child of the launcher, and the client that speaks to it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
import xmlrpc.client
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from supervisor.xmlrpc import SupervisorTransport

from config.instance import Instance
from config.privileges import ending_with_parent
from config.processes import APPLICATION_GROUP, ROOT, Process, supervisor_config

START_TIMEOUT = 60.0
STOP_TIMEOUT = 8.5  # the launcher's promise is ten seconds in all


class SupervisorEnded(RuntimeError):
    """supervisord is not there any more."""


class Supervisor:
    """A running supervisord."""

    def __init__(self, process: subprocess.Popen[bytes], socket: Path) -> None:
        self._process = process
        self._url = f"unix://{socket}"

    def await_control(self) -> None:
        """Return when supervisord listens; raise SupervisorEnded if it does not come up."""
        deadline = time.monotonic() + START_TIMEOUT
        while time.monotonic() < deadline and self._process.poll() is None:
            with contextlib.suppress(OSError):
                self._call("getState")
                return
            time.sleep(0.05)
        raise SupervisorEnded

    def start(self, name: str) -> None:
        """Start a program of the application, without waiting until it is up."""
        self._call("startProcess", f"{APPLICATION_GROUP}:{name}", False)  # noqa: FBT003 - XML-RPC

    def failing(self) -> list[str]:
        """Return the names of the programs that ended at once when they were started."""
        return [info["name"] for info in self._processes() if info["statename"] in _FAILING]

    def wait(self) -> None:
        """Return when supervisord has ended by itself."""
        self._process.wait()

    def ended(self) -> bool:
        """Return whether supervisord has ended."""
        return self._process.poll() is not None

    def stop(self) -> None:
        """End every program and supervisord, by force those that do not listen."""
        groups = self._process_groups()
        self._process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=STOP_TIMEOUT)
        self._process.kill()
        self._process.wait()
        for group in groups:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(group, signal.SIGKILL)

    def _process_groups(self) -> list[int]:
        with contextlib.suppress(OSError, xmlrpc.client.Error):
            return [info["pid"] for info in self._processes() if info["pid"]]
        return []

    def _processes(self) -> list[dict[str, Any]]:
        return list(self._call("getAllProcessInfo"))

    def _call(self, method: str, *arguments: Any) -> Any:
        """Call over a connection of its own: one that failed cannot be used again."""
        transport = SupervisorTransport(None, None, self._url)
        with xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport) as proxy:
            return getattr(proxy.supervisor, method)(*arguments)


_FAILING = frozenset({"BACKOFF", "FATAL"})


@contextlib.contextmanager
def supervised(instance: Instance, processes: Iterable[Process]) -> Iterator[Supervisor]:
    """Run supervisord over the processes for the block; nothing of them is left after it."""
    run = instance.data / "run"
    socket = instance.sockets / "supervisor.sock"
    path = run / "supervisord.conf"
    path.write_text(
        supervisor_config(processes, directory=run, socket=socket, logs=instance.logs),
        encoding="utf-8",
    )
    command = [sys.executable, "-m", "supervisor.supervisord", "--configuration", str(path)]
    process = subprocess.Popen(
        ending_with_parent(command),
        cwd=ROOT,
        env=dict(instance.environment),
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    supervisor = Supervisor(process, socket)
    try:
        supervisor.await_control()
        yield supervisor
    finally:
        supervisor.stop()
