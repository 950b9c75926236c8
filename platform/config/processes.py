"""The one list of Tenon's processes, for `make run` and for the container alike.

    python -m config.processes      runs the processes that PROCESS names, all by default

One process is run as it is; several run under supervisord, which starts again what dies.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from config.privileges import ending_with_parent

ROOT = Path(__file__).resolve().parent.parent.parent
APPLICATION_GROUP = "application"
STANDARD_OUTPUT = "/dev/fd/1"
STOP_SECONDS = 5
PRIORITY = 500


@dataclass(frozen=True, kw_only=True)
class Process:
    """A program and how the supervisor treats it; lower priorities start first and stop last."""

    name: str
    command: list[str]
    stop_signal: str = "TERM"
    stop_seconds: int = STOP_SECONDS
    priority: int = PRIORITY
    autostart: bool = True


def application_processes(*, autostart: bool = True) -> list[Process]:
    """Return the web server, the relay and the pool of workers (one for each domain's queue)."""
    manage = [sys.executable, "manage.py"]
    web = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py"]
    commands = {
        "web": [*web, "config.wsgi:application"],
        "relay": [*manage, "relay"],
        "worker": [*manage, "worker"],
    }
    return [
        Process(name=name, command=ending_with_parent(command), autostart=autostart)
        for name, command in commands.items()
    ]


def supervisor_config(
    processes: Iterable[Process], *, directory: Path, socket: Path | None, logs: Path | None
) -> str:
    """Return a supervisord configuration; without `logs` everything goes to standard output."""
    processes = list(processes)
    grouped = [process for process in processes if process.priority == PRIORITY]
    names = ",".join(process.name for process in grouped)
    sections = [
        _supervisord_section(directory, logs),
        _control_sections(socket) if socket else "",
        *(_program_section(process, logs) for process in processes),
        f"[group:{APPLICATION_GROUP}]\nprograms={names}\npriority={PRIORITY}\n",
    ]
    return "\n".join(sections)


def _supervisord_section(directory: Path, logs: Path | None) -> str:
    logfile = _escaped(logs / "supervisord.log") if logs else "/dev/null"
    return (
        "[supervisord]\n"
        "nodaemon=true\n"
        f"silent={str(bool(logs)).lower()}\n"
        f"logfile={logfile}\n"
        f"logfile_maxbytes={'5MB' if logs else 0}\n"
        "logfile_backups=1\n"
        f"pidfile={_escaped(directory / 'supervisord.pid')}\n"
        f"directory={_escaped(ROOT)}\n"
    )


def _control_sections(socket: Path) -> str:
    return (
        f"[unix_http_server]\nfile={_escaped(socket)}\nchmod=0600\n\n"
        "[rpcinterface:supervisor]\n"
        "supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\n"
    )


def _program_section(process: Process, logs: Path | None) -> str:
    """The whole process group dies with a program, so that no half of it lives on."""
    log = _escaped(logs / f"{process.name}.log") if logs else STANDARD_OUTPUT
    size = "10MB" if logs else "0"
    return (
        f"[program:{process.name}]\n"
        f"command={_escaped(shlex.join(process.command))}\n"
        f"autostart={str(process.autostart).lower()}\n"
        "autorestart=true\n"
        "startretries=100\n"
        f"priority={process.priority}\n"
        f"stopsignal={process.stop_signal}\n"
        f"stopwaitsecs={process.stop_seconds}\n"
        "killasgroup=true\n"
        "redirect_stderr=true\n"
        f"stdout_logfile={log}\n"
        f"stdout_logfile_maxbytes={size}\n"
        "stdout_logfile_backups=1\n"
    )


def _escaped(value: object) -> str:
    return str(value).replace("%", "%%")


def python_path() -> str:
    """Return the PYTHONPATH under which every process finds `config` and `domains`."""
    return os.pathsep.join([str(ROOT / "platform"), str(ROOT)])


def main() -> None:
    """Replace this process by what PROCESS names."""
    wanted = os.environ.get("PROCESS") or "all"
    chosen = [process for process in application_processes() if wanted in ("all", process.name)]
    if not chosen:
        sys.exit(f"PROCESS is {wanted!r}; it may be all, web, worker or relay.")
    os.environ["PYTHONPATH"] = python_path()
    os.chdir(ROOT)
    if len(chosen) > 1:
        _make_output_reopenable()
    command = chosen[0].command if len(chosen) == 1 else _supervisord(chosen)
    os.execvp(command[0], command)  # noqa: S606 - becomes the program, signals reach it directly


def _supervisord(processes: list[Process]) -> list[str]:
    directory = _writable_directory()
    path = directory / "supervisord.conf"
    path.write_text(
        supervisor_config(processes, directory=directory, socket=None, logs=None), encoding="utf-8"
    )
    return [sys.executable, "-m", "supervisor.supervisord", "--configuration", str(path)]


def _writable_directory() -> Path:
    """Return where supervisord's files go: with the data, or where that is read-only, in /tmp."""
    directory = Path(os.environ.get("DATA_DIR") or ".data").absolute() / "run"
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError:
        return Path(tempfile.mkdtemp(prefix="tenon-"))
    if os.access(directory, os.W_OK):
        return directory
    return Path(tempfile.mkdtemp(prefix="tenon-"))


def _make_output_reopenable() -> None:
    """Put a pipe of our own before standard output where this user may not open it.

    supervisord opens it by name, and not every container engine gives it to the container's user.
    """
    try:
        os.close(os.open(STANDARD_OUTPUT, os.O_WRONLY | os.O_APPEND))
    except OSError:
        reading, writing = os.pipe()
        subprocess.Popen(["cat"], stdin=reading)
        os.dup2(writing, 1)
        os.dup2(writing, 2)
        os.close(reading)
        os.close(writing)


if __name__ == "__main__":
    main()
