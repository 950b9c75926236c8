"""Work of billing that no request waits for."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from domains.billing.services.entitlements import sweeping
from domains.billing.services.payments import intents
from domains.billing.services.subscriptions import expiring, renewal, seats, trials
from kernel import clock
from kernel.jobs import job, periodic, ring

# What a job carries out one after another: each may take the provider seconds.
PAYMENTS_A_JOB = 25
PAYMENTS_TIMEOUT = 600
# A run that is stopped in between loses nothing, and another may work beside it.
BATCHES_A_RUN = 400
RUN_TIMEOUT = 900


@job
def carry_out_payment(organization_id: str, intent_id: str) -> None:
    """Bring one open payment further."""
    organization, intent = UUID(organization_id), UUID(intent_id)
    intents.carry_out(organization_id=organization, intent_id=intent, now=clock.now())


@job
def carry_out_payments(payments: list[list[str]]) -> None:
    """Bring open payments (whose, and which) further; one that fails keeps no other back."""
    claimed = [(UUID(organization_id), UUID(intent_id)) for organization_id, intent_id in payments]
    intents.carry_out_all(payments=claimed, now=clock.now())


@job
def carry_out_due_payments() -> None:
    """Take up the payments that are due now, without waiting for the sweep."""
    _ring_due(clock.now())


@periodic(every=timedelta(seconds=10))
def resume_open_payments(*, now: datetime) -> None:
    """Take up payments whose turn it is: to be made, left open by a crash, to be confirmed."""
    _ring_due(now)


def _ring_due(now: datetime) -> None:
    claimed = [list(map(str, payment)) for payment in intents.claim_due(now=now)]
    for first in range(0, len(claimed), PAYMENTS_A_JOB):
        batch = claimed[first : first + PAYMENTS_A_JOB]
        ring(carry_out_payments, batch, timeout=PAYMENTS_TIMEOUT)


@periodic(every=timedelta(minutes=1))
def lapse_reservations(*, now: datetime) -> None:
    """Release what was reserved and never settled."""
    sweeping.lapse_reservations(now=now)


@periodic(every=timedelta(minutes=1))
def forget_old_keys(*, now: datetime) -> None:
    """Forget under which keys features were used long ago."""
    sweeping.forget_keys(now=now)


@periodic(every=timedelta(minutes=1), timeout=RUN_TIMEOUT)
def renew_subscriptions(*, now: datetime) -> None:
    """Begin the periods that are due, and end what ends with its period: the billing run."""
    renewal.renew_due(now=now, batches=BATCHES_A_RUN)


@periodic(every=timedelta(minutes=1))
def expire_subscriptions(*, now: datetime) -> None:
    """Give up subscriptions whose first payment never came."""
    expiring.expire_due(now=now)


@periodic(every=timedelta(minutes=1))
def charge_taken_seats(*, now: datetime) -> None:
    """Have the next invoices charge the seats that were taken within a period."""
    seats.charge_grown(now=now)


@periodic(every=timedelta(hours=1))
def tell_of_ending_trials(*, now: datetime) -> None:
    """Tell of the trials that end within three days."""
    while trials.tell_of_ends(now=now):
        pass
