"""`make run`: PostgreSQL, Redis, the database's preparation and every process, until Ctrl-C.

This process stays beside the others for as long as they run, so it imports nothing of Django.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterable
from pathlib import Path
from types import FrameType
from typing import NoReturn

from config import embedded
from config.instance import CannotClaim, Instance, claimed
from config.privileges import EmbeddedServersUnavailable
from config.processes import (
    ROOT,
    Process,
    application_processes,
)
from config.supervision import Supervisor, SupervisorEnded, supervised

START_TIMEOUT = 300.0  # a busy machine is no failure; what ends at once is seen at once
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """Somebody asked the launcher to end."""


class CannotStart(RuntimeError):
    """The message says what a person can do about it."""


def main() -> None:
    """Run everything until a signal asks to stop."""
    for number in SIGNALS:
        signal.signal(number, _stop)
    try:
        with claimed(os.environ) as instance:
            _run(instance)
    except Stopped:
        _say("Stopped.")
    except SupervisorEnded:
        sys.exit("Tenon cannot go on: the supervisor has ended.")
    except (CannotStart, CannotClaim, EmbeddedServersUnavailable) as error:
        sys.exit(f"Tenon cannot start: {error}")


def _stop(_number: int, _frame: FrameType | None) -> NoReturn:
    for ignored in SIGNALS:
        signal.signal(ignored, signal.SIG_IGN)
    _say("\nStopping")
    raise Stopped


def _run(instance: Instance) -> None:
    if instance.embeds:
        _say(f"Starting {' and '.join(instance.embeds)} under {instance.data}")
        embedded.prepare(instance.data, names=instance.embeds)
    processes = [*_servers(instance), *application_processes(autostart=False)]
    with supervised(instance, processes) as supervisor:
        embedded.wait_until_ready(instance.sockets, names=instance.embeds)
        _say("Preparing the database (migrations, demo accounts)")
        _prepare_database(instance)
        _say("Starting the web server, the relay and the workers")
        supervisor.start("web")
        _wait_until_answered(instance, supervisor)
        supervisor.start("relay")
        supervisor.start("worker")
        _say(instance.summary())
        supervisor.wait()
        raise SupervisorEnded


def _servers(instance: Instance) -> Iterable[Process]:
    """PostgreSQL and Redis start before everything else and stop after it."""
    data, sockets = instance.data, instance.sockets
    servers = {
        "postgres": (embedded.postgres_command(data, sockets), "INT"),
        "redis": (embedded.redis_command(data, sockets), "TERM"),
    }
    for name in instance.embeds:
        command, stop_signal = servers[name]
        yield Process(
            name=name,
            command=command,
            stop_signal=stop_signal,
            stop_seconds=2,
            priority=1,
        )


def _prepare_database(instance: Instance) -> None:
    log = instance.logs / "prepare.log"
    with log.open("wb") as output:
        done = subprocess.run(
            [sys.executable, "manage.py", "prepare"],
            cwd=ROOT,
            env=dict(instance.environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode:
        raise CannotStart(f"the database could not be prepared.\n{_end_of(log)}")


def _wait_until_answered(instance: Instance, supervisor: Supervisor) -> None:
    deadline = time.monotonic() + START_TIMEOUT
    while not _answers(f"{instance.url}/livez"):
        if supervisor.ended():
            raise SupervisorEnded
        for name in supervisor.failing():
            raise CannotStart(f"{name} ended at once.\n{_end_of(instance.logs / f'{name}.log')}")
        if time.monotonic() > deadline:
            raise CannotStart(f"no answer at {instance.url}; the logs are in {instance.logs}")
        time.sleep(0.05)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as response:  # noqa: S310 - our own address
            return bool(response.status == 200)  # noqa: PLR2004 - HTTP's
    except (OSError, urllib.error.URLError):
        return False


def _end_of(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join([*lines[-20:], f"(all of it: {log})"])


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
