"""Work in several processes that begin together, each with several threads.

`python -m tests.billing.invoicing.processes` is such a process: it says when it is ready.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path

from django.conf import settings
from django.db import connections

ROOT = Path(__file__).parents[3]
PROCESSES = 4


def in_processes(function: str, arguments: list[str]) -> list:
    """Return what "module:function" returned for each argument, a thread each, in any order."""
    names = {alias: connections[alias].settings_dict["NAME"] for alias in settings.ALL_DOMAINS}
    started = []
    for number in range(PROCESSES):
        work = {"names": names, "function": function, "arguments": arguments[number::PROCESSES]}
        started.append(_start(json.dumps(work)))
    for process in started:
        assert process.stdout.readline() == "ready\n"
    for process in started:
        process.stdin.write("go\n")
        process.stdin.flush()
    return [result for process in started for result in json.loads(process.communicate()[0])]


def _start(work: str) -> subprocess.Popen:
    path = os.pathsep.join([str(ROOT / "platform"), str(ROOT)])
    return subprocess.Popen(
        [sys.executable, "-m", "tests.billing.invoicing.processes", work],
        env={**os.environ, "PYTHONPATH": path, "DJANGO_SETTINGS_MODULE": "config.settings"},
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def main() -> None:
    import django

    work = json.loads(sys.argv[1])
    for alias, name in work["names"].items():
        settings.DATABASES[alias]["NAME"] = name
    django.setup()
    module, _, name = work["function"].partition(":")
    function = getattr(import_module(module), name)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    with ThreadPoolExecutor(len(work["arguments"])) as pool:
        sys.stdout.write(json.dumps(list(pool.map(function, work["arguments"]))))


def issue_three(organization_id: str) -> list[str]:
    """Issue three invoices, each in a transaction of its own; return their numbers."""
    from uuid import UUID

    from tests.billing.invoicing.making import invoice_of

    return [str(invoice_of(UUID(organization_id), 1000).number) for _ in range(3)]


def redeem(organization_id: str) -> str:
    """Redeem the coupon QUARTER; return what came of it."""
    from uuid import UUID

    from domains.billing.contract.catalogue import CouponUsedUp
    from domains.billing.services.catalogue import coupons
    from tests.billing.conftest import NOW

    try:
        coupons.redeem(
            code="QUARTER",
            organization_id=UUID(organization_id),
            currency="EUR",
            products=["pro"],
            now=NOW,
        )
    except CouponUsedUp:
        return "used up"
    return "redeemed"


def send_back_300(intent_id: str) -> str:
    """Send 300 of the payment back; return what came of it."""
    from uuid import UUID

    from domains.billing.contract.payment_errors import RefundTooLarge
    from domains.billing.models import PaymentIntent
    from domains.billing.services.payments import refunds
    from tests.billing.conftest import NOW

    intent = PaymentIntent.objects.everywhere().get(id=UUID(intent_id))
    owner = intent.organization_id
    try:
        refund = refunds.send_back_credit(
            organization_id=owner, intent_id=intent.id, amount=300, reason="Too much", now=NOW
        )
    except RefundTooLarge:
        return "too large"
    return str(refunds.carry_out(organization_id=owner, refund_id=refund.id, now=NOW).state)


if __name__ == "__main__":
    main()
