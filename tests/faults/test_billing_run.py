"""Kill billing runs at any moment: every customer is charged once, and the books agree."""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from dataclasses import dataclass

import psycopg
import pytest

from config.embedded import Servers, throwaway_servers
from tests import templates
from tests.faults.billing_run import DATABASE, DECLINED, SPREAD
from tests.faults.nursery import Nursery, nursery
from tests.patience import eventually

SUBSCRIPTIONS = 1000
KILLS = 100
PROCESSES = 2
MEAN_SECONDS, LONGEST_SECONDS = 0.4, 2.0
# The sweep looks at a payment again after a minute.
LOOK_AGAIN_SECONDS = 61

INVOICES = """
SELECT i.id, i.state, i.paid, m.reference, count(c.id) FILTER (WHERE c.status = 'succeeded'),
    coalesce(sum(c.amount) FILTER (WHERE c.status = 'succeeded'), 0)
FROM invoice i
JOIN payment_method m ON m.organization_id = i.organization_id
LEFT JOIN payment_intent p ON p.invoice_id = i.id
LEFT JOIN offline_charge c ON c.idempotency_key = 'payment-intent-' || p.id
GROUP BY i.id, i.state, i.paid, m.reference
"""
UNBALANCED = """
SELECT group_id FROM posting GROUP BY group_id, currency HAVING sum(amount) <> 0
"""
CASH = "SELECT coalesce(sum(amount), 0) FROM posting WHERE account = 'cash'"
BOOK = "SELECT coalesce(sum(amount), 0) FROM offline_charge WHERE status = 'succeeded'"
OWED = "SELECT coalesce(sum(amount), 0) FROM posting WHERE account = 'receivable'"
DUE = "SELECT coalesce(sum(total - paid - balance_used - credited), 0) FROM invoice"
WAITING = "SELECT count(*) FROM payment_intent WHERE state = 'pending'"
NOT_RENEWED = "SELECT count(*) FROM subscription WHERE period_start < '2026-04-10T12:00Z'"


@dataclass
class Runs:
    """Processes that bill, and what they have written."""

    servers: Servers
    nursery: Nursery

    def sql(self, statement: str) -> list[tuple]:
        with psycopg.connect(self.servers.database_url, dbname=DATABASE) as connection:
            connection.execute("SET search_path = billing")
            return connection.execute(statement).fetchall()

    def number(self, statement: str) -> int:
        [[found]] = self.sql(statement)
        return int(found)


@pytest.fixture
def runs():
    with (
        throwaway_servers(seed=templates.ready()) as servers,
        nursery("tests.faults.billing_run", servers) as workers,
    ):
        runs = Runs(servers, workers)
        workers.tell("prepare", SUBSCRIPTIONS)
        eventually(lambda: runs.number("SELECT count(*) FROM payment_method") == SUBSCRIPTIONS)
        yield runs


def bill_under_fire(runs, lots):
    """Kill one process after the other while time goes on and more and more falls due."""
    for kill in range(KILLS):
        runs.nursery.keep(PROCESSES, seconds=SPREAD.total_seconds() * kill / KILLS)
        time.sleep(min(lots.expovariate(1 / MEAN_SECONDS), LONGEST_SECONDS))
        runs.nursery.kill(lots.choice(runs.nursery.alive))
    runs.nursery.kill_all()


def bill_in_peace(runs):
    """Have all be done that the killed ones left, however often the provider has to be asked."""
    seconds = SPREAD.total_seconds()
    while runs.number(WAITING) or runs.number(NOT_RENEWED):
        seconds += LOOK_AGAIN_SECONDS
        runs.nursery.have_done("finish", seconds)


@pytest.mark.slow
def test_whatever_is_killed_every_customer_is_charged_once_and_the_books_agree(runs):
    seed = int.from_bytes(os.urandom(4))
    bill_under_fire(runs, random.Random(seed))
    bill_in_peace(runs)

    invoices = runs.sql(INVOICES)
    assert len(invoices) == SUBSCRIPTIONS
    outcomes = Counter(
        (card in DECLINED, state, charges, int(charged) == paid)
        for _, state, paid, card, charges, charged in invoices
    )
    assert outcomes == {
        (False, "paid", 1, True): SUBSCRIPTIONS * 9 // 10,
        (True, "open", 0, True): SUBSCRIPTIONS // 10,
    }, f"with seed {seed}"
    assert runs.sql(UNBALANCED) == []
    assert runs.number("SELECT sum(amount) FROM posting") == 0
    assert runs.number(CASH) == runs.number(BOOK) > 0
    assert runs.number(OWED) == runs.number(DUE) > 0
