"""The payment provider `test`: no network, no money; the payment method decides what happens."""

from __future__ import annotations

from uuid import UUID

from domains.billing.models import ChargeStatus, OfflineCharge
from domains.billing.services.payments.port import UNKNOWN_METHOD, Charge, ChargeRequest
from kernel.db import transaction

_OUTCOMES = {
    "pm_card_visa": (ChargeStatus.SUCCEEDED, ""),
    "pm_card_declined": (ChargeStatus.DECLINED, "card_declined"),
    "pm_card_insufficient_funds": (ChargeStatus.DECLINED, "insufficient_funds"),
    "pm_card_requires_confirmation": (ChargeStatus.REQUIRES_ACTION, ""),
}


class IdempotencyKeyReused(Exception):
    """The key stands for another charge already: asking so is a mistake in the program."""


class OfflineProvider:
    """A payment provider that keeps its book in a table of its own and forgets no key."""

    name = "test"

    def charge(self, request: ChargeRequest) -> Charge:
        outcome = _OUTCOMES.get(request.payment_method)
        if outcome is None:
            return Charge(reference="", status=ChargeStatus.REJECTED, reason=UNKNOWN_METHOD)
        status, reason = outcome
        return _to_charge(_enter(request, status, reason))

    def fetch(self, *, reference: str) -> Charge:
        return _to_charge(OfflineCharge.objects.get(id=UUID(reference)))

    def cancel(self, *, reference: str) -> Charge:
        _conclude(reference, ChargeStatus.CANCELED)
        return self.fetch(reference=reference)

    def confirm(self, *, reference: str) -> Charge:
        """Confirm the charge as the customer would at a bank; one that is over stays as it is."""
        _conclude(reference, ChargeStatus.SUCCEEDED)
        return self.fetch(reference=reference)


def _enter(request: ChargeRequest, status: ChargeStatus, reason: str) -> OfflineCharge:
    line = OfflineCharge(
        idempotency_key=request.idempotency_key,
        amount=request.amount,
        currency=request.currency,
        payment_method=request.payment_method,
        status=status,
        reason=reason,
    )
    with transaction("billing", final=False):
        OfflineCharge.objects.bulk_create([line], ignore_conflicts=True)
        kept = OfflineCharge.objects.get(idempotency_key=request.idempotency_key)
    if kept.terms != line.terms:
        raise IdempotencyKeyReused(request.idempotency_key)
    return kept


def _conclude(reference: str, status: ChargeStatus) -> None:
    with transaction("billing", final=False):
        OfflineCharge.objects.filter(
            id=UUID(reference), status=ChargeStatus.REQUIRES_ACTION
        ).update(status=status)


def _to_charge(line: OfflineCharge) -> Charge:
    return Charge(reference=str(line.id), status=ChargeStatus(line.status), reason=line.reason)
