"""Processes that are forked from one that has loaded everything, so that they can be killed often.

A module of the nursery ends with `serve(orders)`; a test talks to it through `nursery`.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from config.embedded import Servers
from tests.faults.processes import ROOT
from tests.patience import eventually
from tests.servers import environment

Order = Callable[[float], None]


def serve(orders: Mapping[str, Order]) -> None:
    """Fork a process for each line, an order and its number, and answer with the process's id."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody asks how they ended
    for line in sys.stdin:
        order, _, argument = line.partition(" ")
        sys.stdout.write(f"{_born(partial(orders[order], float(argument)))}\n")
        sys.stdout.flush()


def _born(work: Callable[[], None]) -> int:
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # where its log goes
        random.seed()
        work()
        status = 0
    except Exception:  # noqa: BLE001  it is told, and the process ends
        traceback.print_exc()
    finally:
        os._exit(status)


@dataclass
class Nursery:
    """Workers at a time that the test tells, kept at a number until they are killed."""

    process: subprocess.Popen[str]
    alive: list[int] = field(default_factory=list)

    def tell(self, order: str, number: float) -> int:
        """Return the id of the process that does it."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{order} {number}\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def keep(self, count: int, *, seconds: float) -> None:
        """Have as many processes run as there should be, the new ones at that time."""
        while len(self.alive) < count:
            self.alive.append(self.tell("run", seconds))

    def have_done(self, order: str, number: float) -> None:
        """Have a process do it, and wait until it has ended."""
        pid = self.tell(order, number)
        eventually(lambda: not Path(f"/proc/{pid}").exists())

    def kill(self, pid: int) -> None:
        self.alive.remove(pid)
        os.kill(pid, signal.SIGKILL)

    def kill_all(self) -> None:
        while self.alive:
            self.kill(self.alive[0])


@contextmanager
def nursery(module: str, servers: Servers, **settings: str) -> Iterator[Nursery]:
    """Run the module as a nursery on the servers."""
    path = os.pathsep.join([str(ROOT / "platform"), str(ROOT)])
    given = {"PYTHONPATH": path, "LOG_LEVEL": "ERROR", **settings}
    with subprocess.Popen(
        [sys.executable, "-m", module],
        env=os.environ | environment(servers) | given,
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield Nursery(process)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
