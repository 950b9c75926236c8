"""Events: what domains tell one another. PostgreSQL is the truth, RQ is a doorbell.

A domain declares what it says with `event`, says it with `publish` inside its own transaction,
and reacts to others with `on`. This package imports without Django's models, as interfaces need.
"""

from kernel.events.envelope import Envelope
from kernel.events.outbox import PublishedOutsideTransaction, publish
from kernel.events.subscriptions import on
from kernel.events.types import event

__all__ = ["Envelope", "PublishedOutsideTransaction", "event", "on", "publish"]
