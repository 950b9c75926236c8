"""How fast what customers use is taken down and added up.

    python -m bench.usage [EVENTS]

A million events (or as many as are said) of 200 organizations and four meters, over a month, are
told by two processes in batches of a thousand, as `POST billing/usage` does. Each batch is one
commit with the sums it changes. Then what every organization used of every meter in a period that
begins and ends within an hour is asked at once, as the billing run does.
"""

from __future__ import annotations

import multiprocessing
import sys
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "platform"))
EVENTS, BATCH, PROCESSES, ORGANIZATIONS = 1_000_000, 1_000, 2, 200
TARGET = 20_000  # events a second
NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
MONTH = timedelta(days=30)
METERS = ("count", "sum", "max", "last")
fork = multiprocessing.get_context("fork")


def main() -> None:
    """Start servers of its own, measure, print the figures; fail below the target."""
    from tests import servers

    events = int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS
    servers.ENVIRONMENT |= {"TESTING": "false", "METRICS_PORT": "1"}
    with servers.started():
        from bench.gateway import _prepare

        _prepare()
        _make_meters()
        seconds = _tell(events)
        rate = events / seconds
        asked, added = _add_up(events)
    sys.stdout.write(f"{events:,} events taken down and added up: {rate:,.0f} a second\n")
    sys.stdout.write(f"{asked:,} sums of a month in one call: {added:.2f} s\n")
    if rate < TARGET:
        sys.exit(f"Less than {TARGET:,} a second")


def _make_meters() -> None:
    from domains.billing.models import Meter

    for name in METERS:
        Meter.objects.create(name=name, title=name, aggregation=name)
    disconnect()


def disconnect() -> None:
    """Close every connection, so that processes that are forked from this one share none."""
    from django.conf import settings
    from django.db import connections

    for alias in settings.DOMAINS:
        connections[alias].close()
        connections[alias].close_pool()


def _tell(events: int) -> float:
    share = events // PROCESSES
    started = [fork.Process(target=_tell_some, args=(n, share)) for n in range(PROCESSES)]
    began = time.perf_counter()
    for process in started:
        process.start()
    for process in started:
        process.join()
    if any(process.exitcode for process in started):
        sys.exit("A process failed")
    return time.perf_counter() - began


def _tell_some(process: int, events: int) -> None:
    from domains.billing.contract.usage import UsageVerdict
    from domains.billing.services.usage import recording

    for first in range(0, events, BATCH):
        reports = [_report(process, n) for n in range(first, first + BATCH)]
        verdicts = recording.record(reports=reports, now=NOW)
        assert set(verdicts) == {UsageVerdict.ACCEPTED}


def _report(process: int, n: int) -> Any:
    from domains.billing.contract.usage import UsageReport

    return UsageReport(
        organization_id=_organization((n // BATCH + n % 4) % ORGANIZATIONS),
        event_id=f"{process}-{n}",
        meter=METERS[n % len(METERS)],
        value=Decimal(n % 97),
        occurred_at=NOW - MONTH * ((n * 7919 % 100_003) / 100_003),
    )


def _organization(n: int) -> UUID:
    return UUID(int=(7 << 76) | n)


def _add_up(events: int) -> tuple[int, float]:
    from domains.billing.services.arithmetic import Period
    from domains.billing.services.usage import aggregation

    half = timedelta(minutes=30)
    period = Period(start=NOW - MONTH - half, end=NOW + half)
    asked = [(_organization(n), meter, period) for n in range(ORGANIZATIONS) for meter in METERS]
    began = time.perf_counter()
    found = aggregation.sums(asked=asked)
    seconds = time.perf_counter() - began
    counted = sum(used.events for used in found.values())
    if counted != events:
        sys.exit(f"{counted:,} of {events:,} events were added up")
    return len(asked), seconds


if __name__ == "__main__":
    main()
