"""One instance of `make run`: its port, its data directory, its secrets, its environment."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
import shlex
import shutil
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from config import embedded
from config.leftovers import end_leftover
from config.mail import names_of
from config.processes import ROOT, python_path

SECRETS = (
    "SECRET_KEY",
    "FIELD_ENCRYPTION_KEYS",
    "SIGNING_KEYS",
    "AUDIT_SIGNING_KEYS",
    "BOUNDARY_KEYS",
    "DATABASE_ROLE_SECRET",
)


class CannotClaim(RuntimeError):
    """The port or the data directory is not to be had; the message says what to do."""


@dataclass(frozen=True, kw_only=True)
class Instance:
    """What the launcher knows of the instance that it runs."""

    data: Path
    port: int
    sockets: Path
    embeds: tuple[str, ...]
    environment: Mapping[str, str]

    @property
    def logs(self) -> Path:
        """Where each process writes its log."""
        return self.data / "log"

    @property
    def url(self) -> str:
        """Where the API answers on this machine."""
        return f"http://127.0.0.1:{self.port}"

    def summary(self) -> str:
        """Return what a person needs to know to use the instance."""
        data = _shown(self.data)
        password = self.environment["DEMO_PASSWORD"]
        stored = f"{data}/" if "postgres" in self.embeds else "the database of DATABASE_URL"
        sent = self.environment.get("EMAIL_URL")
        mails = f"sent by EMAIL_URL to {names_of(sent)}" if sent else f"{data}/mail/ (.eml)"
        texted = self.environment.get("SMS_URL") not in (None, "", "book:")
        book = f"{self.url}/admin/domains_notifications/sentsms/ (to read codes)"
        lines = [
            ("API", f"{self.url}/api/v1/"),
            ("Docs", f"{self.url}/api/docs"),
            ("Admin", f"{self.url}/admin/"),
            ("Owner", f"owner@example.com   password {password}"),
            ("Member", f"member@example.com  password {password}"),
            ("Staff", f"staff@example.com   password {password}"),
            ("Mails", mails),
            ("SMS", "sent by SMS_URL" if texted else book),
            ("Data", f"{stored}   logs in {data}/log/"),
            ("Stop", "Ctrl-C"),
        ]
        shown = "\n".join(f"  {name:<8}{text}" for name, text in lines)
        return f"\nTenon runs.\n\n{shown}\n"


@contextlib.contextmanager
def claimed(environ: Mapping[str, str]) -> Iterator[Instance]:
    """Hold the port and the data directory for the block; raise CannotClaim if either is taken."""
    port = _port(environ)
    with _locked_data(environ, port) as data:
        run = data / "run"
        end_leftover(run / "supervisord.pid", marker=str(run))
        _refuse_taken_port(environ, port)
        _remove_sockets(run)
        sockets = embedded.make_socket_directory()
        (run / "sockets").write_text(str(sockets), encoding="utf-8")
        try:
            yield _instance(environ, data=data, port=port, sockets=sockets)
        finally:
            _remove_sockets(run)


def _instance(environ: Mapping[str, str], *, data: Path, port: int, sockets: Path) -> Instance:
    embeds = {"postgres": "DATABASE_URL", "redis": "REDIS_URL"}
    embedded_names = tuple(name for name, setting in embeds.items() if not environ.get(setting))
    servers = embedded.servers_at(sockets)
    given = {name: value for name, value in environ.items() if value}
    environment = {
        "ALLOWED_HOSTS": "*",
        "DATABASE_URL": servers.database_url,
        "REDIS_URL": servers.redis_url,
        "HOST": "127.0.0.1",
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "WEB_CONCURRENCY": "1",
        **_secrets(data / "secrets.json"),
        **given,
        "DATA_DIR": str(data),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "EMBEDDED": "true",
        "MALLOC_ARENA_MAX": "2",
        "PORT": str(port),
        "PYTHONPATH": python_path(),
        "PYTHONUNBUFFERED": "1",
    }
    _write_private(data / "environment", _shell_assignments(environment))
    return Instance(
        data=data, port=port, sockets=sockets, embeds=embedded_names, environment=environment
    )


def _port(environ: Mapping[str, str]) -> int:
    text = environ.get("PORT") or "8000"
    if not text.isdigit() or not 0 < int(text) < 2**16:
        raise CannotClaim(f"PORT is {text!r}; it must be a number from 1 to 65535.")
    return int(text)


def _refuse_taken_port(environ: Mapping[str, str], port: int) -> None:
    host = environ.get("HOST") or "127.0.0.1"
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise _taken(port, str(error.strerror)) from error


def _taken(port: int, reason: str) -> CannotClaim:
    return CannotClaim(f"port {port} is taken ({reason}). Give another: make run PORT={port + 1}")


@contextlib.contextmanager
def _locked_data(environ: Mapping[str, str], port: int) -> Iterator[Path]:
    """Yield the data directory: DATA_DIR, or .data, or .data/<port> beside a running instance."""
    given = environ.get("DATA_DIR")
    own = ROOT / ".data" / str(port)
    candidates = [Path(given).absolute()] if given else [ROOT / ".data", own]
    if own.exists() and not given:
        candidates = [own]
    with contextlib.ExitStack() as stack:
        for data in candidates:
            if not data.exists():  # made by a start that fails, it would be this port's ever after
                _refuse_taken_port(environ, port)
            if _try_lock(data, port, stack):
                yield data
                return
        raise CannotClaim(f"{_shown(candidates[-1])} is in use by another instance of Tenon.")


def _try_lock(data: Path, port: int, stack: contextlib.ExitStack) -> bool:
    """Make the directories and lock them until the stack unwinds or this process dies.

    The lock names its holder's port, which may still be free while that one starts.
    """
    try:
        data.mkdir(mode=0o711, parents=True, exist_ok=True)
        for name in ("log", "mail", "run"):
            (data / name).mkdir(mode=0o700, exist_ok=True)
        lock = stack.enter_context((data / "run" / "lock").open("a+"))
    except PermissionError as error:
        raise CannotClaim(
            f"{_shown(data)} belongs to another user; give another directory by DATA_DIR"
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.seek(0)
        if lock.read() == str(port):
            raise _taken(port, "another instance has it") from error
        return False
    lock.truncate(0)
    lock.write(str(port))
    lock.flush()
    return True


def _secrets(path: Path) -> dict[str, str]:
    """Return this data directory's own secrets, made at its first start."""
    known: dict[str, str] = {}
    if path.exists():
        known = json.loads(path.read_text(encoding="utf-8"))
    made = {name: secrets.token_urlsafe(48) for name in SECRETS}
    complete = {**made, "DEMO_PASSWORD": f"demo-{secrets.token_urlsafe(9)}", **known}
    if complete != known:
        _write_private(path, json.dumps(complete, indent=2))
    return complete


def _shell_assignments(environment: Mapping[str, str]) -> str:
    """Return what `make manage` sources to speak to the running instance."""
    names = sorted(set(environment) - set(os.environ) | {"DATABASE_URL", "REDIS_URL", "PYTHONPATH"})
    return "".join(f"export {name}={shlex.quote(environment[name])}\n" for name in names)


def _write_private(path: Path, text: str) -> None:
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    new.replace(path)


def _remove_sockets(run: Path) -> None:
    """Remove the socket directory of this instance, which may be a killed one's."""
    note = run / "sockets"
    with contextlib.suppress(FileNotFoundError):
        directory = Path(note.read_text(encoding="utf-8"))
        if directory.name.startswith("tenon-"):
            shutil.rmtree(directory, ignore_errors=True)
        note.unlink()


def _shown(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
