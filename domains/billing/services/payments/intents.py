"""A payment's way: its intent is written, the provider is asked, the answer is settled.

The three steps are three commits. A crash after any of them leaves an open intent, which the
sweep takes up; the intent's idempotency key keeps the charge from happening twice.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from domains.billing.models import (
    OPEN_STATES,
    Invoice,
    PaymentIntent,
)
from domains.billing.services.payments import customers, providers
from domains.billing.services.payments.port import Charge, ChargeRequest
from domains.billing.services.payments.settlement import settle
from kernel.db import transaction

log = logging.getLogger(__name__)

LOOK_AGAIN_AFTER = timedelta(minutes=1)
KEY_REMEMBERED = timedelta(hours=12)  # half of what Stripe promises
CLAIMED_AT_ONCE = 500


def find_open(*, organization_id: UUID) -> PaymentIntent | None:
    """Return the organization's open intent; there is never more than one."""
    mine = PaymentIntent.objects.within(organization_id)
    return mine.filter(state__in=OPEN_STATES).first()


def open_intent(
    *,
    organization_id: UUID,
    account_id: UUID | None,
    amount: int,
    currency: str,
    payment_method: str,
    now: datetime,
    plan: str = "",
    quote: dict[str, Any] | None = None,
    invoice: Invoice | None = None,
    off_session: bool = False,
) -> PaymentIntent:
    """Write down that money is to be taken, in minor units: for the plan, or for the invoice.

    `off_session`: nobody waits for it, so the sweep takes it up at once.
    """
    return PaymentIntent.objects.create(
        organization_id=organization_id,
        account_id=account_id,
        invoice=invoice,
        plan=plan,
        quote=quote,
        amount=amount,
        currency=currency,
        provider=providers.current().name,
        payment_method=payment_method,
        off_session=off_session,
        created_at=now,
        due_at=now if off_session else now + LOOK_AGAIN_AFTER,
    )


def carry_out(*, organization_id: UUID, intent_id: UUID, now: datetime) -> PaymentIntent:
    """Bring an open intent as far as the provider lets it; return it as it then stands.

    Safe to repeat, and at the same time as another. Raises `PaymentProviderUnavailable`.
    """
    intent = PaymentIntent.objects.within(organization_id).get(id=intent_id)
    if not intent.is_open:
        return intent
    return settle(intent, _ask(intent, now), now=now, final=True)


def carry_out_all(*, payments: Iterable[tuple[UUID, UUID]], now: datetime) -> None:
    """Bring open intents (whose, and which) further; one that fails is due again later."""
    for organization_id, intent_id in payments:
        try:
            carry_out(organization_id=organization_id, intent_id=intent_id, now=now)
        except Exception:
            log.exception("Payment %s could not be carried out", intent_id)


def withdraw(*, organization_id: UUID, intent_id: UUID, now: datetime) -> None:
    """Give up a payment that waits for its confirmation, unless that was faster."""
    intent = PaymentIntent.objects.within(organization_id).get(id=intent_id)
    charge = providers.named(intent.provider).cancel(reference=intent.reference)
    settle(intent, charge, now=now, final=False)


def claim_due(*, now: datetime) -> list[tuple[UUID, UUID]]:
    """Return the open intents (whose, and which) whose turn it is; give each its next turn."""
    with transaction("billing"):
        due = PaymentIntent.objects.everywhere().filter(state__in=OPEN_STATES, due_at__lte=now)
        chosen = due.order_by("due_at").select_for_update(skip_locked=True)[:CLAIMED_AT_ONCE]
        claimed = list(chosen.values_list("organization_id", "id"))
        ids = [intent_id for _, intent_id in claimed]
        PaymentIntent.objects.everywhere().filter(id__in=ids).update(due_at=now + LOOK_AGAIN_AFTER)
    return claimed


def _ask(intent: PaymentIntent, now: datetime) -> Charge:
    provider = providers.named(intent.provider)
    if not intent.reference:
        return provider.charge(_request_of(intent, now))
    if intent.expires_at is not None and intent.expires_at <= now:
        return provider.cancel(reference=intent.reference)
    return provider.fetch(reference=intent.reference)


def _request_of(intent: PaymentIntent, now: datetime) -> ChargeRequest:
    return ChargeRequest(
        idempotency_key=intent.idempotency_key,
        amount=intent.amount,
        currency=intent.currency,
        payment_method=intent.payment_method,
        customer=customers.find(organization_id=intent.organization_id, provider=intent.provider),
        off_session=intent.off_session,
        asked_at=intent.created_at,
        is_old=now - intent.created_at >= KEY_REMEMBERED,
    )
