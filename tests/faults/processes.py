"""Real processes on servers of their own, started again when they die."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psycopg
import redis

from config.embedded import Servers
from tests import patience
from tests.kernel.events.probes import LISTENING
from tests.servers import ENVIRONMENT

ROOT = Path(__file__).resolve().parent.parent.parent
MANAGE = [sys.executable, "manage.py"]
TABLES = {
    "auth": "CREATE TABLE probe_noted (number int PRIMARY KEY)",
    **dict.fromkeys(LISTENING, "CREATE TABLE probe_effect (id bigserial, text text)"),
}


@dataclass
class Kept:
    """A command that is run again whenever it has died."""

    command: list[str]
    environment: dict[str, str]
    log: Path
    process: subprocess.Popen | None = None
    starts: int = 0

    def keep(self) -> None:
        if self.process is not None and self.process.poll() is None:
            return
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, env=self.environment, cwd=ROOT, stdout=log, stderr=log
            )
        self.starts += 1

    def family(self) -> list[int]:
        """The process, its children and theirs."""
        return [*_descendants(self.process.pid)] if self.process else []

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(timeout=patience.SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def _descendants(pid: int):
    yield pid
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return
    for child in children:
        yield from _descendants(int(child))


@dataclass
class Tenon:
    """Web, relay and workers, as `make run` keeps them."""

    servers: Servers
    directory: Path
    kept: dict[str, Kept] = field(default_factory=dict)
    kills: dict[str, int] = field(default_factory=dict)

    def prepare(self) -> None:
        for command in ("provision", "migrate_domains"):
            subprocess.run([*MANAGE, command], env=self.environment, cwd=ROOT, check=True)
        for domain, statement in TABLES.items():
            self.sql(f"SET search_path = {domain}; {statement}")
            self.sql(f"GRANT ALL ON ALL TABLES IN SCHEMA {domain} TO tenon_{domain}")
            self.sql(f"GRANT ALL ON ALL SEQUENCES IN SCHEMA {domain} TO tenon_{domain}")

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            **ENVIRONMENT,
            "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
            "PYTHONPATH": f"{ROOT / 'platform'}:{ROOT}",
            "DATABASE_URL": self.servers.database_url,
            "REDIS_URL": self.servers.redis_url,
            "EVENT_LEASE": "2",
            "EVENT_JOB_TIMEOUT": "60",
            "EVENT_BATCH_SIZE": "50",
        }

    @property
    def web_socket(self) -> Path:
        return Path(self.servers.redis_url.removeprefix("unix://")).with_name("web.sock")

    def start(self) -> None:
        gunicorn = [sys.executable, "-m", "gunicorn", "config.wsgi:application", "--preload"]
        commands = {
            "web": [*gunicorn, "--bind", f"unix:{self.web_socket}", "--no-control-socket"],
            "relay": [*MANAGE, "relay"],
            "worker": [*MANAGE, "worker"],
        }
        for name, command in commands.items():
            log = self.directory / f"{name}.log"
            self.kept[name] = Kept(command, self.environment, log)
        self.keep()

    def keep(self) -> None:
        for kept in self.kept.values():
            kept.keep()

    def kill(self, name: str) -> None:
        """End one process of the family at once: a parent, a worker or a job in the middle."""
        family = self.kept[name].family()
        for pid in random.sample(family, len(family)):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                self.kills[name] = self.kills.get(name, 0) + 1
                return

    def stop(self) -> None:
        for kept in self.kept.values():
            kept.stop()

    def publish(self, numbers: list[int]) -> bool:
        """Post the numbers to the web process; return whether it answered that they are noted."""
        transport = httpx.HTTPTransport(uds=str(self.web_socket))
        with httpx.Client(transport=transport, timeout=patience.SECONDS) as client:
            try:
                answer = client.post("http://web/note", content=" ".join(map(str, numbers)))
            except httpx.TransportError:
                return False
        return answer.status_code == 204

    def flush_redis(self) -> None:
        with redis.Redis.from_url(self.servers.redis_url) as connection:
            connection.flushall()

    def sql(self, statement: str) -> list[tuple]:
        with psycopg.connect(self.servers.database_url, autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []
