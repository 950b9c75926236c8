"""Work of billing that no request waits for."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from domains.billing.services.entitlements import plans, sweeping
from domains.billing.services.payments import (
    dunning_steps,
    expiry,
    intents,
    leaving,
    reconciling,
    refunds,
    webhook_application,
    webhooks,
)
from domains.billing.services.payments.offline import telling
from domains.billing.services.subscriptions import expiring, renewal, seats, trials
from domains.billing.services.usage import forgetting
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


@job
def forget_usage(organization_id: str) -> None:
    """Delete what an erased organization used and held, a batch after the other."""
    if forgetting.forget_organization(organization_id=UUID(organization_id)):
        ring(forget_usage, organization_id)


@job
def forget_methods(organization_id: str) -> None:
    """Let go of what an erased organization paid with."""
    leaving.forget_methods(organization_id=UUID(organization_id))


@periodic(every=timedelta(days=1))
def forget_rest_of_erased(*, now: datetime) -> None:  # noqa: ARG001  as every sweep is called
    """Go on with what a crash or an outage left of erased organizations."""
    for organization_id in forgetting.find_erased():
        ring(forget_usage, str(organization_id))
    for organization_id in leaving.find_erased():
        ring(forget_methods, str(organization_id))


@job
def purge_usage_events(after: str) -> None:
    """Delete the next batch of the events that can't matter any more."""
    _purge(UUID(after), clock.now())


@periodic(every=timedelta(days=1))
def purge_old_usage_events(*, now: datetime) -> None:
    """Begin to delete the events that can't matter any more."""
    _purge(None, now)


def _purge(after: UUID | None, now: datetime) -> None:
    last = forgetting.purge_events(after=after, now=now)
    if last is not None:
        ring(purge_usage_events, str(last))


@job
def announce_products(products: list[str], after: str | None = None) -> None:
    """Tell of the organizations on products that allow something else, a batch after the other."""
    last = plans.announce_products(products=products, after=UUID(after) if after else None)
    if last is not None:
        ring(announce_products, products, str(last))


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


@job
def carry_out_refund(organization_id: str, refund_id: str) -> None:
    """Bring one refund further."""
    organization, refund = UUID(organization_id), UUID(refund_id)
    refunds.carry_out(organization_id=organization, refund_id=refund, now=clock.now())


@periodic(every=timedelta(minutes=1))
def resume_refunds(*, now: datetime) -> None:
    """Take up refunds that a crash left open, or that are on their way."""
    for organization_id, refund_id in refunds.claim_due(now=now):
        ring(carry_out_refund, str(organization_id), str(refund_id))


@job
def advance_dunning(organization_id: str) -> None:
    """Take the steps of dunning that are due of one organization."""
    dunning_steps.advance(organization_id=UUID(organization_id), now=clock.now())


@job
def advance_due_dunnings() -> None:
    """Take the steps that are due now, without waiting for the sweep."""
    _ring_dunnings(clock.now())


@periodic(every=timedelta(minutes=5))
def chase_invoices(*, now: datetime) -> None:
    """Take the steps of dunning that are due."""
    _ring_dunnings(now)


def _ring_dunnings(now: datetime) -> None:
    for organization_id in dunning_steps.find_due(now=now):
        ring(advance_dunning, str(organization_id))


@periodic(every=timedelta(days=1))
def tell_of_expiring_methods(*, now: datetime) -> None:
    """Tell of cards that expire soon."""
    while expiry.tell_of_expiry(now=now):
        pass


@job
def apply_provider_event(event_id: str) -> None:
    """Apply what a provider told."""
    webhook_application.apply(event_id=UUID(event_id), now=clock.now())


@job
def apply_due_provider_events() -> None:
    """Apply what waits, without waiting for the sweep."""
    _ring_provider_events(clock.now())


@periodic(every=timedelta(minutes=1))
def resume_provider_events(*, now: datetime) -> None:
    """Apply what a crash or an outage left."""
    _ring_provider_events(now)


def _ring_provider_events(now: datetime) -> None:
    for event_id in webhooks.claim_due(now=now):
        ring(apply_provider_event, str(event_id))


@periodic(every=timedelta(seconds=10))
def deliver_offline_webhooks(*, now: datetime) -> None:
    """Let the offline provider tell what happened in its book."""
    telling.tell(now=now)


@periodic(every=timedelta(days=1), timeout=PAYMENTS_TIMEOUT * 6)
def reconcile_with_provider(*, now: datetime) -> None:
    """Compare the provider's book with ours."""
    reconciling.reconcile(now=now)
