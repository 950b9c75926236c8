"""How many subscriptions a billing run renews in a second, and whether its memory stays flat.

    python -m bench.billing_run [--due 100000] [--processes 2]

Seeds a throw-away PostgreSQL with subscriptions of a monthly plan that are all due, each with a
card, and lets as many processes as there are cores renew them, as the workers do: lines, taxes,
invoices with gapless numbers, ledger, events, and the intents by which they are paid. Fails below
the target, or where the memory of a process grows by more than a tenth between a quarter of its
batches and the end.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from bench.telling import megabytes, say

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "platform"))
TARGET, GROWTH = 500, 1.10
DUE_AT = datetime(2026, 3, 1, 12, tzinfo=UTC)

SEED = """
    INSERT INTO customer (id, organization_id, plan, created_at, currency, time_zone, locale, name,
            email, address, country, vat_id, tax_exempt_reason, taxes)
        SELECT gen_random_uuid(), gen_random_uuid(), 'pro', %(began)s, 'EUR', 'Europe/Berlin', 'en',
            'Engines', 'books@example.com', '{}'::jsonb, '', '', '', '{}'::jsonb
        FROM generate_series(1, %(due)s);
    INSERT INTO subscription (id, organization_id, state, currency, account_id, time_zone,
            anchor_at, interval_unit, interval_count, calendar, period_start, period_end,
            renews_at, comped, cancel_reason, pending, created_at, version)
        SELECT gen_random_uuid(), organization_id, 'active', 'EUR', gen_random_uuid(),
            'Europe/Berlin', %(began)s, 'month', 1, false, %(began)s, %(due_at)s, %(due_at)s,
            false, '', '[]', %(began)s, 1 FROM customer;
    INSERT INTO subscription_item (id, organization_id, subscription_id, price_id, product,
            is_plan, quantity, started_at)
        SELECT gen_random_uuid(), organization_id, id, %(price)s, 'pro', true, 1, %(began)s
        FROM subscription;
    INSERT INTO payment_method (id, organization_id, provider, reference, kind, brand, last4,
            is_default, created_at)
        SELECT gen_random_uuid(), organization_id, 'test', 'pm_card_visa', 'card', 'visa', '4242',
            true, %(began)s FROM customer;
    ANALYZE customer, subscription, subscription_item, payment_method;
"""


def main() -> None:
    """Seed, run, tell; exit with 1 beyond a target."""
    parser = argparse.ArgumentParser(prog="python -m bench.billing_run")
    parser.add_argument("--due", type=int, default=100_000)
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.work:
        _prepare()
        _work()
        return
    from tests import servers

    servers.ENVIRONMENT |= {
        "TESTING": "false",
        "METRICS_PORT": "1",
        "LOG_LEVEL": "ERROR",
        "PAYMENT_PROVIDER": "test",
    }
    with servers.started():
        _prepare(migrate=True)
        _seed(asked.due)
        sys.exit(0 if _measure(asked.due, asked.processes) else 1)


def _prepare(*, migrate: bool = False) -> None:
    import django

    django.setup()
    if migrate:
        from django.core.management import call_command

        call_command("migrate_domains", verbosity=0, stdout=io.StringIO())


def _seed(due: int) -> None:
    from django.conf import settings
    from django.db import connections

    from domains.billing.services import catalogue

    price = catalogue.get_plan("pro").base()
    values = {
        "due": due,
        "began": datetime(2026, 2, 1, 12, tzinfo=UTC),
        "due_at": DUE_AT,
        "price": price.id,
    }
    begun = time.monotonic()
    with connections["billing"].cursor() as cursor:
        for statement in SEED.split(";\n"):
            if statement.strip():
                cursor.execute(statement, values)
    with psycopg.connect(str(settings.DATABASE_OWNER_URL), autocommit=True) as connection:
        connection.execute("CHECKPOINT")
    say(f"seeded {due:,} due subscriptions in {time.monotonic() - begun:.0f} s")


def _measure(due: int, processes: int) -> bool:
    from domains.billing.models import Invoice, PaymentIntent

    begun = time.monotonic()
    command = [sys.executable, "-m", "bench.billing_run", "--work"]
    workers = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for _ in range(processes)
    ]
    told = [json.loads(worker.communicate()[0]) for worker in workers]
    seconds = max(each["ended"] for each in told) - min(each["began"] for each in told)
    issued = Invoice.objects.everywhere().count()
    intents = PaymentIntent.objects.everywhere().count()
    rate, growth = issued / seconds, max(each["growth"] for each in told)
    say(f"{issued:,} invoices and {intents:,} payments by {processes} processes")
    say(f"{rate:,.0f} invoices a second (target {TARGET}); {seconds:.0f} s")
    cpu = 1000 * sum(each["cpu"] for each in told) / issued
    say(f"{cpu:.2f} ms of the processes' own time an invoice; the rest is PostgreSQL's")
    say(f"largest process: {max(each['peak'] for each in told):.0f} MB, grew {growth:.2f} times")
    say(f"started within {time.monotonic() - begun - seconds:.0f} s")
    return issued == due == intents and rate >= TARGET and growth <= GROWTH


def _work() -> None:
    """Renew until nothing is due; tell when, and how the memory was."""
    from domains.billing.services.subscriptions import renewal

    began, cpu, early, renewed = time.time(), time.process_time(), 0.0, 0
    while batch := renewal.renew_due(now=DUE_AT, batches=1):
        renewed += batch
        early = early or (megabytes() if renewed >= 10_000 else 0.0)
    peak = megabytes()
    print(
        json.dumps(
            {
                "began": began,
                "ended": time.time(),
                "cpu": time.process_time() - cpu,
                "peak": peak,
                "growth": peak / (early or peak),
            }
        )
    )


if __name__ == "__main__":
    main()
