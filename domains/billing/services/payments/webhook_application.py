"""Applying what a provider told: the object is fetched afresh and passes the state machine."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from uuid import UUID

from domains.billing.models import PaymentIntent, PaymentMethod, PaymentState, ProviderEvent, Refund
from domains.billing.services.payments import disputes, methods, providers, refund_settlement
from domains.billing.services.payments.comparing import pair
from domains.billing.services.payments.port import PaymentProvider, Topic
from domains.billing.services.payments.settlement import settle
from domains.billing.services.payments.states import STATE_AFTER

log = logging.getLogger(__name__)

TRIES = 5  # over half an hour
State = ProviderEvent.State


class Contradiction(Exception):
    """The provider tells what can't follow from what is known: if it stays so, staff look."""


def apply(*, event_id: UUID, now: datetime) -> ProviderEvent:
    """Apply the event unless that was done; what fails is tried again, and then quarantined."""
    event = ProviderEvent.objects.get(id=event_id)
    if event.state != State.WAITING:
        return event
    try:
        found = _look(event, now)
    except Exception as error:  # whatever it is, it is kept, tried again and shown to staff
        log.warning("%s could not be applied", event, exc_info=True)
        return _fail(event, error, now)
    return _conclude(event, State.APPLIED if found else State.IGNORED, now)


def _look(event: ProviderEvent, now: datetime) -> bool:
    """Return whether the event is about something of ours; that is then as the provider has it."""
    provider = providers.named(event.provider)
    topic = provider.topic_of(event.kind)
    if topic is Topic.CHARGE:
        return _look_at_charge(provider, event.reference, now) is not None
    if topic is Topic.REFUND:
        return _look_at_refund(provider, event.reference, now)
    if topic is Topic.DISPUTE:
        return _look_at_dispute(provider, event.reference, now)
    if topic is Topic.METHOD:
        return _look_at_method(provider, event.reference, now)
    return False


def _look_at_charge(
    provider: PaymentProvider, reference: str, now: datetime
) -> PaymentIntent | None:
    charge = provider.fetch(reference=reference)
    [(_, intent)] = pair(charges=[charge], provider=provider.name)
    if intent is None:
        return None
    if intent.is_open:
        intent = settle(intent, charge, now=now, final=True)
    paid = STATE_AFTER[charge.status] == PaymentState.SUCCEEDED
    if paid != (intent.state == PaymentState.SUCCEEDED):
        raise Contradiction(f"Payment {intent.id} is {intent.state}, there it is {charge.status}")
    return intent


def _look_at_refund(provider: PaymentProvider, reference: str, now: datetime) -> bool:
    told = provider.fetch_refund(reference=reference)
    intent = _look_at_charge(provider, told.charge, now)
    if intent is None:
        return False
    mine = Refund.objects.within(intent.organization_id).select_related("intent")
    refund = mine.filter(intent=intent, reference=reference).first()
    if refund is None and told.idempotency_key.startswith(Refund.KEY_PREFIX):
        refund = mine.filter(id=UUID(told.idempotency_key.removeprefix(Refund.KEY_PREFIX))).first()
    if refund is None:
        raise Contradiction(f"{told.amount} of payment {intent.id} were sent back, not from here")
    refund_settlement.settle(refund, told, now=now)
    return True


def _look_at_dispute(provider: PaymentProvider, reference: str, now: datetime) -> bool:
    told = provider.fetch_dispute(reference=reference)
    intent = None if told is None else _look_at_charge(provider, told.charge, now)
    if told is None or intent is None:
        return False
    disputes.record(intent=intent, told=told, now=now)
    return True


def _look_at_method(provider: PaymentProvider, reference: str, now: datetime) -> bool:
    rows = PaymentMethod.objects.everywhere().filter(provider=provider.name, detached_at=None)
    method = rows.filter(reference=reference).first()
    if method is None:
        return False
    methods.refresh(method, provider.find_method(reference=reference), now=now)
    return True


def _fail(event: ProviderEvent, error: Exception, now: datetime) -> ProviderEvent:
    event.attempts += 1
    if event.attempts >= TRIES:
        return _conclude(event, State.QUARANTINED, now, error=repr(error))
    event.error, event.due_at = repr(error)[:500], now + timedelta(minutes=2**event.attempts)
    event.save(update_fields=["attempts", "error", "due_at"])
    return event


def _conclude(
    event: ProviderEvent, state: ProviderEvent.State, now: datetime, *, error: str = ""
) -> ProviderEvent:
    event.state, event.error, event.settled_at = state, error[:500], now
    event.save(update_fields=["state", "error", "settled_at", "attempts"])
    return event
