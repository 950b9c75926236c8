"""How long tests wait for what must come: so long that only what never comes takes it.

A machine that is busy with other things is no failure, so the product's own patience is longer
here too. A test of what happens when it ends sets it to something short for itself.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

SECONDS = 300.0

Found = TypeVar("Found")

# What the product itself waits at most, for the tests that hold it to a bound.
shipped: dict[str, Any] = {}


def eventually(find: Callable[[], Found], *, seconds: float = SECONDS) -> Found:
    """Return what `find` finds, as soon as it finds anything."""
    deadline = time.monotonic() + seconds
    while not (found := find()):
        assert time.monotonic() < deadline, f"nothing was found in {seconds} s"
        time.sleep(0.05)
    return found


def give_the_product_more() -> None:
    """Have this process wait as long for hashes, other processes and providers."""
    from django.conf import settings

    from gateway import health
    from kernel.boundary import protocol

    protocol.TIMEOUT = protocol.CONNECT_TIMEOUT = timedelta(seconds=SECONDS)
    health.STORAGE_SECONDS = SECONDS
    # The modules of a domain that another process serves may need models that this one has not.
    if "auth" in settings.DOMAINS:
        _give_auth_more()
    if "notifications" in settings.DOMAINS:
        _give_notifications_more()


def _give_auth_more() -> None:
    from domains.auth.services import breaches, hashers
    from domains.auth.services.federation import memory, transport

    shipped["hashes"] = hashers.WAIT_SECONDS
    breaches.TIMEOUT = hashers.WAIT_SECONDS = memory.PATIENCE = SECONDS
    shipped["timeout"], shipped["deadline"] = transport.TIMEOUT, transport.DEADLINE
    transport.TIMEOUT = transport.DEADLINE = SECONDS


def _give_notifications_more() -> None:
    from domains.notifications.services.webhooks import attempts

    attempts.SECONDS = SECONDS
