"""Has one domain handle the probe in batches: a row for each event, in one statement.

The audit, which hears of everything, is left out unless BENCH_AUDITED is set: what is compared is
the mechanism, with one handler for each event.
"""

from __future__ import annotations

import os
from importlib import import_module

from django.apps import AppConfig
from django.conf import settings
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
            leave_out("users")
        listen(Subscription("users", (PROBE,), Probe, record_probes, batch=True))


def leave_out(domain: str) -> None:
    """Have the domain read no longer what everybody says."""
    interface = import_module(f"domains.{domain}.interface")
    served = subscriptions.of_domain(domain) if domain in settings.DOMAINS else ()
    for reader in [s for s in served if "*" in s.listens_to]:
        subscriptions.remove(reader)
    interface.LISTENS_TO = tuple(name for name in interface.LISTENS_TO if name != "*")


def record_probes(envelopes) -> None:
    texts = [envelope.payload.text for envelope in envelopes]
    with connections["users"].cursor() as cursor:
        cursor.execute("INSERT INTO probe_effect (text) SELECT unnest(%s::text[])", [texts])
