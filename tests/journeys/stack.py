"""Tenon as its operators run it: real processes, as one group or as several behind a front."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import httpx
import psycopg

from config.domains import ALL_DOMAINS
from tests import patience
from tests.ports import free_port

ROOT = Path(__file__).resolve().parent.parent.parent
SECRETS = {
    "SECRET_KEY": "secret-key-of-the-journey-long-enough-for-django-s-own-check-of-it",
    "FIELD_ENCRYPTION_KEYS": "encryption-key-of-the-journey",
    "SIGNING_KEYS": "signing-key-of-the-journey",
    "AUDIT_SIGNING_KEYS": "audit-signing-key-of-the-journey",
    "BOUNDARY_KEYS": "boundary-key-of-the-journey",
    "DATABASE_ROLE_SECRET": "role-secret-of-the-journey",
}
FRONT = """
pid {directory}/nginx.pid;
error_log {directory}/nginx.log warn;
worker_processes 1;
daemon off;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {directory}/body;
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
    server {{
        listen 127.0.0.1:{port};
        client_max_body_size 200m;
        proxy_set_header Host $http_host;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
{locations}
    }}
}}
"""


@dataclass(frozen=True, kw_only=True)
class Tenon:
    """A running product: where it answers, its folder of mails, its databases by domain."""

    url: str
    mails: Path
    databases: Mapping[str, str]


@contextmanager
def one_group(*, name: str, directory: Path, **settings: str) -> Iterator[Tenon]:
    """Run every domain in one process group on one database."""
    port = free_port()
    environment = _environment(directory, port=port, public_port=port, redis_database=8)
    with _database(name) as url, _group(directory, environment | {"DATABASE_URL": url} | settings):
        yield _ready(port, directory, dict.fromkeys(ALL_DOMAINS, url))


@contextmanager
def groups(
    *served: tuple[str, ...], name: str, directory: Path, redis_database: int = 9
) -> Iterator[Tenon]:
    """Run groups of domains apart, each with a database of its own, behind a routing front.

    Those that run at the same time need a database of Redis each, or they do each other's jobs.
    """
    free = {group: free_port() for group in served}
    ports = {domain: free[group] for group in served for domain in group}
    front = free_port()
    databases = {}
    with ExitStack() as stack:
        for group in served:
            others = {
                f"{other.upper()}_URL": f"http://127.0.0.1:{port}"
                for other, port in ports.items()
                if other not in group
            }
            own = _environment(
                directory, port=free[group], public_port=front, redis_database=redis_database
            )
            own |= others | {"DOMAINS": ",".join(group), "TRUSTED_PROXIES": "2"}
            own["DATABASE_URL"] = stack.enter_context(_database("_".join((name, *group))))
            databases |= dict.fromkeys(group, own["DATABASE_URL"])
            stack.enter_context(_group(directory / "_".join(group), own))
        for port in free.values():
            _ready(port, directory, databases)
        stack.enter_context(_front(directory, front, ports))
        yield _ready(front, directory, databases)


def _environment(
    directory: Path, *, port: int, public_port: int, redis_database: int
) -> dict[str, str]:
    """Nothing of the test run's own settings, only what a production environment would hold."""
    redis = os.environ["REDIS_URL"].split("?")[0]
    kept = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ}
    return {
        **kept,
        **SECRETS,
        "PORT": str(port),
        "HOST": "127.0.0.1",
        "PUBLIC_URL": f"http://127.0.0.1:{public_port}",
        "ALLOWED_HOSTS": "127.0.0.1",
        "REDIS_URL": f"{redis}?db={redis_database}",
        "DATA_DIR": str(directory / "data"),
        "EMAIL_URL": (directory / "data" / "mail").as_uri(),
        "PAYMENT_PROVIDER": "test",
        # Each person stands behind a proxy of an address of their own.
        "TRUSTED_PROXIES": "1",
        "WEB_CONCURRENCY": "1",
        "PYTHONPATH": f"{ROOT / 'platform'}{os.pathsep}{ROOT}",
    }


@contextmanager
def _database(name: str) -> Iterator[str]:
    parts = urlsplit(os.environ["DATABASE_URL"])
    with psycopg.connect(os.environ["DATABASE_URL"], dbname="postgres", autocommit=True) as owner:
        owner.execute(f'CREATE DATABASE "{name}"')
        try:
            yield urlunsplit(parts._replace(path=f"/{name}"))
        finally:
            owner.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def _group(directory: Path, environment: Mapping[str, str]) -> Iterator[None]:
    directory.mkdir(parents=True, exist_ok=True)
    for command in ("provision", "migrate_domains"):
        subprocess.run(
            [sys.executable, "manage.py", command], cwd=ROOT, env=environment, check=True
        )
    log = (directory / "processes.log").open("wb")
    command = [sys.executable, "-m", "config.processes"]
    with log, _running(command, log, environment):
        yield


@contextmanager
def _front(directory: Path, port: int, ports: Mapping[str, int]) -> Iterator[None]:
    """Route each domain's prefix to the group that serves it, and the rest to auth's."""
    routes = {f"/api/v1/{domain}": port for domain, port in ports.items()} | {"/": ports["auth"]}
    locations = "\n".join(
        f"        location {path} {{ proxy_pass http://127.0.0.1:{to}; }}"
        for path, to in routes.items()
    )
    config = directory / "nginx.conf"
    config.write_text(FRONT.format(directory=directory, port=port, locations=locations))
    nginx = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin") or "nginx"
    with (directory / "front.log").open("wb") as log:
        command = [nginx, "-p", str(directory), "-c", str(config)]
        with _running(command, log, os.environ):
            yield


@contextmanager
def _running(command: list[str], log, environment: Mapping[str, str]) -> Iterator[None]:
    process = subprocess.Popen(
        command, cwd=ROOT, env=dict(environment), stdout=log, stderr=log, start_new_session=True
    )
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(patience.SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _ready(port: int, directory: Path, databases: Mapping[str, str]) -> Tenon:
    url = f"http://127.0.0.1:{port}"

    def ready() -> bool:
        with suppress(httpx.TransportError):
            return httpx.get(f"{url}/readyz", timeout=patience.SECONDS).status_code == 200
        return False

    try:
        patience.eventually(ready)
    except AssertionError:
        logs = "\n".join(path.read_text()[-3000:] for path in sorted(directory.rglob("*.log")))
        raise AssertionError(f"{url} did not become ready:\n{logs}") from None
    return Tenon(url=url, mails=directory / "data" / "mail", databases=databases)
