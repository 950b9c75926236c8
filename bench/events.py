"""Events per second from publish to handled, beside BullMQ's jobs per second on the same Redis.

    npm --prefix bench install --no-package-lock && python -m bench.events
    BENCH_AUDITED=1 python -m bench.events    # each event is an entry of the audit as well

Real relay and worker processes, on the embedded servers with the durability of `make run`. Each
event writes a row in its handler's transaction; BullMQ's jobs do nothing. The runs alternate, so
that both meet the same machine.
"""

from __future__ import annotations

import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from config import embedded
from config.embedded import Servers
from tests.faults.processes import MANAGE, ROOT, Kept, Tenon

EVENTS = 20_000
BATCH = 100
ROUNDS = 3
AUDITED = "SELECT coalesce(sum(sequence), 0)::bigint FROM users.audit_chain"
HANDLED = "SELECT last_value FROM users.probe_effect_id_seq"  # counting would take part in it
EFFECTS = "SELECT count(*), count(DISTINCT text) FROM users.probe_effect"
LINE = "per second  tenon: processed %6.0f, through %6.0f   bullmq: processed %6.0f, through %6.0f"
BENCH = Path(__file__).resolve().parent


@contextmanager
def durable_servers() -> Iterator[Servers]:
    """Run PostgreSQL and Redis as `make run` does, in a directory of their own."""
    data, sockets = Path(tempfile.mkdtemp(prefix="tenon-bench-")), embedded.make_socket_directory()
    data.chmod(0o711)
    embedded.prepare(data)
    commands = embedded.postgres_command(data, sockets), embedded.redis_command(data, sockets)
    running = [subprocess.Popen(command, cwd="/") for command in commands]
    try:
        embedded.wait_until_ready(sockets)
        yield embedded.servers_at(sockets)
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(timeout=30)


class EventBench(Tenon):
    """Publishes with `bench.publish`, handles with a real relay and a real worker."""

    audited = "BENCH_AUDITED" in os.environ
    # How many the audit has once the present run is over.
    entries = 0

    @property
    def environment(self) -> dict[str, str]:
        own = {"EVENT_LEASE": "150", "EVENT_JOB_TIMEOUT": "60", "EVENT_BATCH_SIZE": "2000"}
        settings = {"DJANGO_SETTINGS_MODULE": "bench.settings", "TESTING": "false"}
        return {**super().environment, **own, **settings}

    def start(self) -> None:
        for name, command in {"relay": ["relay"], "worker": ["worker"]}.items():
            self.kept[name] = Kept([*MANAGE, *command], self.environment, self.directory / name)
        self.keep()
        time.sleep(6)

    def processed(self) -> float:
        """Return events per second from a full outbox to all handled."""
        self._empty()
        self._relay(signal.SIGSTOP)
        self._publisher().communicate()
        begun = time.monotonic()
        self._relay(signal.SIGCONT)
        return self._rate_since(begun)

    def through(self) -> float:
        """Return events per second from the first publish to the last handled."""
        self._empty()
        publisher = self._publisher()
        assert publisher.stdout is not None
        publisher.stdout.readline()
        return self._rate_since(time.monotonic())

    def _publisher(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "bench.publish", str(EVENTS), str(BATCH)]
        return subprocess.Popen(command, env=self.environment, cwd=ROOT, stdout=subprocess.PIPE)

    def _relay(self, signum: signal.Signals) -> None:
        process = self.kept["relay"].process
        assert process is not None
        process.send_signal(signum)

    def _rate_since(self, begun: float) -> float:
        with psycopg.connect(self.servers.database_url, autocommit=True) as connection:
            while connection.execute(HANDLED).fetchone() != (EVENTS,):
                time.sleep(0.01)
            while self.audited and connection.execute(AUDITED).fetchone() != (self.entries,):
                time.sleep(0.01)
            seconds = time.monotonic() - begun
            time.sleep(0.5)
            assert connection.execute(EFFECTS).fetchone() == (EVENTS, EVENTS)
        return EVENTS / seconds

    def _empty(self) -> None:
        self.entries += EVENTS
        while self.sql("SELECT 1 FROM auth.outbox WHERE closed_at IS NULL LIMIT 1"):
            time.sleep(0.1)
        self.sql("TRUNCATE auth.outbox, users.inbox, users.probe_effect RESTART IDENTITY")


def bullmq(servers: Servers) -> dict[str, float]:
    """Return BullMQ's jobs per second."""
    socket = servers.redis_url.removeprefix("unix://")
    command = ["node", str(BENCH / "bullmq.mjs"), socket, str(EVENTS), str(BATCH)]
    done = subprocess.run(command, cwd=BENCH, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def main() -> None:
    with durable_servers() as servers, tempfile.TemporaryDirectory() as logs:
        tenon = EventBench(servers, Path(logs))
        tenon.prepare()
        tenon.start()
        rows = []
        for _ in range(ROUNDS):
            peer = bullmq(servers)
            rows.append((tenon.processed(), tenon.through(), peer["processed"], peer["through"]))
            print(LINE % rows[-1], flush=True)
        tenon.stop()
    processed, through, *peer = (statistics.median(column) for column in zip(*rows, strict=True))
    print(f"processed, from a full outbox or queue: {processed / peer[0]:.2f} x BullMQ")
    print(f"through, from the first publish or add: {through / peer[1]:.2f} x BullMQ")
    print(f"Tenon's through beside BullMQ's processed: {through / peer[0]:.2f} x")


if __name__ == "__main__":
    main()
