"""What an interface call costs: beside a plain call in process, beside a bare request over HTTP.

    python -m bench.boundary

The function answers at once, so that only the way to it is measured. It needs no database. The
rounds alternate between the ways, and each figure is the median of its rounds.
"""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, perf_counter, sleep
from uuid import UUID

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "platform"))
os.environ |= {
    "DJANGO_SETTINGS_MODULE": "config.settings",
    "ALLOWED_HOSTS": "localhost",
    "EMAIL_URL": "smtp://127.0.0.1",
    "DATABASE_URL": "postgresql://unused@127.0.0.1:1/unused",
    "REDIS_URL": "redis://127.0.0.1:1",
    "LOG_LEVEL": "ERROR",
} | dict.fromkeys(
    (
        "BOUNDARY_KEYS",
        "DATABASE_ROLE_SECRET",
        "FIELD_ENCRYPTION_KEYS",
        "SECRET_KEY",
        "SIGNING_KEYS",
        "AUDIT_SIGNING_KEYS",
    ),
    "a-key-that-only-the-benchmark-knows",
)

from django.conf import settings

from config.wsgi import application
from domains.billing.contract.data import Entitlements
from kernel.boundary import exposed
from kernel.boundary.pool import pool
from kernel.boundary.routes import routes

__all__ = ["application"]

ROUNDS = 15
CALLS = {"in process": 20_000, "over HTTP": 400}
LISTENING = re.compile(rb"Listening at: (http://[0-9.:]+)")
ORGANIZATION = UUID("01a20482-a2a6-73b7-86c9-cd11b1f50f46")


def probe(*, organization_ids: list[UUID]) -> list[Entitlements]:
    """Return what billing returns, from nowhere."""
    return [
        Entitlements(
            organization_id=organization_id,
            plan="free",
            seats=3,
            storage_bytes=104_857_600,
            requests_per_minute=1000,
        )
        for organization_id in organization_ids
    ]


probe.__module__ = "domains.billing.interface"
asked = exposed(idempotent=True)(probe)


def seconds_per_call(call: Callable[[], object], calls: int) -> float:
    begun = perf_counter()
    for _ in range(calls):
        call()
    return (perf_counter() - begun) / calls


@dataclass(frozen=True)
class Comparison:
    """Medians of the rounds: seconds of a call each way, and how many times the first they are."""

    seconds: dict[str, float]
    times: dict[str, float]


def compare(ways: dict[str, Callable[[], object]], calls: int) -> Comparison:
    """Measure the ways in turns, so that each round's ways met the same machine."""
    rounds = [{n: seconds_per_call(c, calls) for n, c in ways.items()} for _ in range(ROUNDS)]
    base = next(iter(ways))
    return Comparison(
        seconds={name: statistics.median(r[name] for r in rounds) for name in ways},
        times={name: statistics.median(r[name] / r[base] for r in rounds) for name in ways},
    )


@contextmanager
def server() -> Iterator[str]:
    """Serve this module's function in another process."""
    as_deployed = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py"]
    alone = ["--bind", "127.0.0.1:0", "--workers", "1", "--log-level", "info"]
    command = [*as_deployed, *alone, "bench.boundary:application"]
    with tempfile.NamedTemporaryFile() as log:
        process = subprocess.Popen(command, cwd=ROOT, stderr=log)
        try:
            yield _address(Path(log.name))
        finally:
            process.terminate()
            process.wait()


def _address(log: Path) -> str:
    deadline = monotonic() + 30
    while monotonic() < deadline:
        found = LISTENING.search(log.read_bytes())
        if found:
            return found[1].decode()
        sleep(0.05)
    raise TimeoutError(log.read_text())


def in_process() -> Comparison:
    """Compare the function itself with the interface's."""
    ways = {
        "plain call": lambda: probe(organization_ids=[ORGANIZATION]),
        "interface call": lambda: asked(organization_ids=[ORGANIZATION]),
    }
    return compare(ways, CALLS["in process"])


def over_http(url: str) -> Comparison:
    """Compare a bare request with an interface call to the same process."""
    settings.REMOTE_DOMAINS = {"billing": url}
    routes.cache_clear()
    ways = {
        "bare request": lambda: pool().get(url + "/livez").raise_for_status(),
        "interface call": lambda: asked(organization_ids=[ORGANIZATION]),
    }
    return compare(ways, CALLS["over HTTP"])


def report(title: str, found: Comparison) -> None:
    base = next(iter(found.seconds))
    print(title)
    for name, seconds in found.seconds.items():
        print(f"  {name:15}{seconds * 1e6:9.2f} µs   {found.times[name]:5.2f} times the {base}")


def main() -> None:
    local = in_process()
    with server() as url:
        remote = over_http(url)
    report("in process", local)
    report("over HTTP, loopback", remote)
    apart = remote.seconds["interface call"] / local.seconds["interface call"]
    print(f"a remote interface call takes {apart:,.0f} times a local one")


if __name__ == "__main__":
    main()
