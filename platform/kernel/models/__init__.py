from kernel.models.events import AggregatePosition, FailedEvent, Inbox, Outbox
from kernel.models.idempotency import IdempotencyRecord, RateCounter
from kernel.models.periodic import PeriodicRun

__all__ = [
    "AggregatePosition",
    "FailedEvent",
    "IdempotencyRecord",
    "Inbox",
    "Outbox",
    "PeriodicRun",
    "RateCounter",
]
