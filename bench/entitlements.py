"""How many times a second features are checked, used up, reserved and settled.

    python -m bench.entitlements

Through the interface in process, one round trip each, by one process and by two at once. Each uses
a hundred organizations of its own: of one's feature every use waits for the one before.
"""

from __future__ import annotations

import multiprocessing
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "platform"))
ORGANIZATIONS, CALLS, PROCESSES = 100, 2_000, 2
FEATURE, PLAN = "exports", "measured"
BEGAN = datetime(2026, 1, 31, tzinfo=UTC)
fork = multiprocessing.get_context("fork")


def main() -> None:
    """Start servers of its own, measure, print the figures."""
    from tests import servers

    servers.ENVIRONMENT |= {"TESTING": "false", "METRICS_PORT": "1"}
    with servers.started():
        from bench.gateway import _prepare

        _prepare()
        _make_customers()
        for name in ("check", "consume", "reserve_and_settle"):
            alone, together = _measure(name, 1), _measure(name, PROCESSES)
            sys.stdout.write(f"{name:20} {alone:7,.0f} a second by one process, ")
            sys.stdout.write(f"{together:7,.0f} by {PROCESSES}\n")


def _make_customers() -> None:
    from bench.usage import disconnect
    from domains.billing.models import Customer, Product

    allowed = {FEATURE: {"limit": 10**12, "soft": False}}
    Product.objects.create(name=PLAN, kind="plan", title=PLAN, entitlements=allowed)
    Customer.objects.bulk_create(
        Customer(organization_id=_organization(process, n), plan=PLAN, created_at=BEGAN)
        for process in range(PROCESSES)
        for n in range(ORGANIZATIONS)
    )
    disconnect()


def _measure(name: str, processes: int) -> float:
    start = fork.Barrier(processes + 1)
    started = [fork.Process(target=_work, args=(name, n, start)) for n in range(processes)]
    for process in started:
        process.start()
    start.wait()
    began = time.perf_counter()
    for process in started:
        process.join()
    return processes * CALLS / (time.perf_counter() - began)


def _work(name: str, process: int, start: Any) -> None:
    call = _ways()[name]
    keys = (f"{name}-{start.parties}-{n}" for n in count())
    call(_organization(process, 0), next(keys))
    start.wait()
    for n in range(CALLS):
        call(_organization(process, n % ORGANIZATIONS), next(keys))


def _ways() -> dict[str, Callable[[UUID, str], Any]]:
    from domains.billing import interface as billing

    def reserve_and_settle(organization_id: UUID, key: str) -> None:
        what = {"organization_id": organization_id, "feature": FEATURE, "key": key}
        billing.reserve_entitlement(**what, amount=1, expires_at=None)
        billing.settle_reservation(**what)

    return {
        "check": lambda id_, _: billing.check_entitlement(
            organization_id=id_, feature=FEATURE, amount=1
        ),
        "consume": lambda id_, key: billing.consume_entitlement(
            organization_id=id_, feature=FEATURE, amount=1, key=key
        ),
        "reserve_and_settle": reserve_and_settle,
    }


def _organization(process: int, n: int) -> UUID:
    return UUID(int=(7 << 76) | (process << 32) | n)


if __name__ == "__main__":
    main()
