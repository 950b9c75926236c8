"""What a provider says of charges, held against what we say of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Q, Sum

from domains.billing.models import Finding, PaymentIntent, PaymentState, Refund, RefundState
from domains.billing.services.payments.port import Charge
from domains.billing.services.payments.states import STATE_AFTER

Kind = Finding.Kind
Pair = tuple[Charge, PaymentIntent | None]


def pair(*, charges: Sequence[Charge], provider: str) -> list[Pair]:
    """Return each charge with its payment, or None; by reference, or else by key; in one query."""
    keys = {charge.reference: id_of(charge) for charge in charges}
    rows = PaymentIntent.objects.everywhere().filter(
        Q(reference__in=keys) | Q(id__in=[key for key in keys.values() if key]), provider=provider
    )
    by_id = {row.id: row for row in rows}
    by_reference = {row.reference: row for row in by_id.values() if row.reference}
    return [
        (charge, by_reference.get(charge.reference) or _by_key(by_id, keys[charge.reference]))
        for charge in charges
    ]


def id_of(charge: Charge) -> UUID | None:
    """Return the id of the payment that the charge's key names; None if it names none of ours."""
    prefix = PaymentIntent.KEY_PREFIX
    if not charge.idempotency_key.startswith(prefix):
        return None
    return UUID(charge.idempotency_key.removeprefix(prefix))


def differences(pairs: Sequence[Pair], *, provider: str, now: datetime) -> Iterator[Finding]:
    """Yield what the two tell otherwise; charges that others made there are none of ours."""
    ours = [intent for _, intent in pairs if intent is not None]
    refunded = _refunded(ours)
    for charge, intent in pairs:
        for kind, mine, theirs in _compare(charge, intent, refunded):
            yield Finding(
                provider=provider,
                kind=kind,
                reference=charge.reference,
                organization_id=intent.organization_id if intent else None,
                ours=mine,
                theirs=theirs,
                found_at=now,
            )


def _compare(
    charge: Charge, intent: PaymentIntent | None, refunded: dict[UUID, int]
) -> Iterator[tuple[Finding.Kind, str, str]]:
    is_paid = STATE_AFTER[charge.status] == PaymentState.SUCCEEDED
    if intent is None:
        if is_paid and id_of(charge):
            yield Kind.UNKNOWN_CHARGE, "", f"{charge.amount} {charge.currency}"
        return
    if is_paid != (intent.state == PaymentState.SUCCEEDED):
        yield Kind.STATUS, intent.state, charge.status
    if (charge.amount, charge.currency) != (intent.amount, intent.currency):
        ours = f"{intent.amount} {intent.currency}"
        yield Kind.AMOUNT, ours, f"{charge.amount} {charge.currency}"
    # Open refunds may have left already, or not.
    if not refunded.get(intent.id, 0) <= charge.refunded <= intent.refunded:
        yield Kind.REFUNDED, str(intent.refunded), str(charge.refunded)


def _by_key(rows: dict[UUID, PaymentIntent], key: UUID | None) -> PaymentIntent | None:
    return rows.get(key) if key else None


def _refunded(intents: Sequence[PaymentIntent]) -> dict[UUID, int]:
    """Return what was sent back of each payment for certain."""
    sent = Refund.objects.everywhere().filter(intent__in=intents, state=RefundState.SUCCEEDED)
    sums = sent.order_by().values_list("intent_id").annotate(sum=Sum("amount"))
    return dict(sums)
