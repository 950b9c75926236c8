"""Work of billing that no request waits for."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from domains.billing.services.payments import intents
from kernel import clock
from kernel.jobs import job, periodic, ring


@job
def carry_out_payment(organization_id: str, intent_id: str) -> None:
    """Bring one open payment further."""
    organization, intent = UUID(organization_id), UUID(intent_id)
    intents.carry_out(organization_id=organization, intent_id=intent, now=clock.now())


@periodic(every=timedelta(minutes=1))
def resume_open_payments(*, now: datetime) -> None:
    """Take up every payment that a crash left open, or that waits for a confirmation."""
    for organization_id, intent_id in intents.claim_due(now=now):
        ring(carry_out_payment, str(organization_id), str(intent_id))
