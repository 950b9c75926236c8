"""Has one domain handle the probe in batches: a row for each event, in one statement.

The audit, which hears of everything, is left out unless BENCH_AUDITED is set: what is compared is
the mechanism, with one handler for each event.
"""

from __future__ import annotations

import os

from django.apps import AppConfig
from django.db import connections

from kernel.events import subscriptions
from kernel.events.subscriptions import Subscription
from tests.faults.wiring import listen
from tests.kernel.events.probes import PROBE, Probe


class BenchConfig(AppConfig):
    name = "bench"
    label = "bench"

    def ready(self) -> None:
        if "BENCH_AUDITED" not in os.environ:
            leave_the_audit_out()
        listen(Subscription("users", PROBE, Probe, record_probes, batch=True))


def leave_the_audit_out() -> None:
    from domains.users import interface

    audits = [s for s in subscriptions.of_domain("users") if s.listens_to == "*"]
    for audit in audits:
        subscriptions.remove(audit)
    interface.LISTENS_TO = tuple(name for name in interface.LISTENS_TO if name != "*")


def record_probes(envelopes) -> None:
    texts = [envelope.payload.text for envelope in envelopes]
    with connections["users"].cursor() as cursor:
        cursor.execute("INSERT INTO probe_effect (text) SELECT unnest(%s::text[])", [texts])
