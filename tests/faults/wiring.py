"""Has two domains listen to the probe, as if it stood in their handlers.py."""

from __future__ import annotations

import time
from importlib import import_module

from django.apps import AppConfig

from kernel.events import subscriptions
from kernel.events.subscriptions import Subscription
from tests.kernel.events.probes import LISTENING, PROBE, Probe, write_effect

WORK_SECONDS = 0.01  # so that there is work in flight whenever something is killed


class FaultsConfig(AppConfig):
    name = "tests.faults"
    label = "faults"

    def ready(self) -> None:
        for domain in LISTENING:
            listen(Subscription(domain, (PROBE,), Probe, _handler(domain)))


def listen(subscription: Subscription) -> None:
    """Register the subscription and declare it in its domain's interface."""
    interface = import_module(f"domains.{subscription.domain}.interface")
    interface.LISTENS_TO = (*interface.LISTENS_TO, *subscription.listens_to)
    subscriptions.add(subscription)


def _handler(domain):
    def record_probe(envelope) -> None:
        write_effect(envelope.payload.text, domain)
        time.sleep(WORK_SECONDS)

    return record_probe
