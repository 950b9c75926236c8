"""Stripe's objects, as plain JSON, in the words of the port."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from datetime import date
from typing import Any

from domains.billing.models import ChargeStatus, Dispute, RefundState
from domains.billing.services.payments.port import (
    Charge,
    Method,
    ProviderDispute,
    ProviderRefund,
)
from domains.billing.services.payments.stripe.amounts import from_stripe

# What we write on what we make, and find it by.
KEY = "tenon_key"
Json = Mapping[str, Any]

# docs.stripe.com/payments/paymentintents/lifecycle
_CHARGES = {
    "succeeded": ChargeStatus.SUCCEEDED,
    "processing": ChargeStatus.PROCESSING,
    "requires_action": ChargeStatus.REQUIRES_ACTION,
    "requires_confirmation": ChargeStatus.REQUIRES_ACTION,
    "requires_payment_method": ChargeStatus.DECLINED,
    "canceled": ChargeStatus.CANCELED,
}
_REFUNDS = {
    "pending": RefundState.PENDING,
    "requires_action": RefundState.PENDING,
    "succeeded": RefundState.SUCCEEDED,
    "failed": RefundState.FAILED,
    "canceled": RefundState.FAILED,
}
# An inquiry ("warning_…") holds no money back.
_DISPUTES = {
    "needs_response": Dispute.State.OPEN,
    "under_review": Dispute.State.OPEN,
    "won": Dispute.State.WON,
    "lost": Dispute.State.LOST,
}


def to_charge(intent: Json) -> Charge:
    """Return a PaymentIntent as a charge."""
    status = _CHARGES[intent["status"]]
    currency = intent["currency"].upper()
    return Charge(
        reference=intent["id"],
        status=status,
        reason=_reason(intent) if status == ChargeStatus.DECLINED else "",
        idempotency_key=(intent.get("metadata") or {}).get(KEY, ""),
        amount=from_stripe(intent["amount"], currency),
        currency=currency,
        refunded=from_stripe(_refunded(intent), currency),
        client_secret=intent.get("client_secret") or "",
    )


def reason_of(error: Json) -> str:
    """Return why a card was declined: the issuer's word, or else Stripe's."""
    return str(error.get("decline_code") or error.get("code") or "card_declined")[:64]


def to_method(method: Json) -> Method:
    """Return a PaymentMethod: a card, or an account with its last four digits."""
    details = method.get(method["type"]) or {}
    return Method(
        reference=method["id"],
        kind=method["type"][:16],
        brand=details.get("brand") or details.get("bank_name") or "",
        last4=details.get("last4") or "",
        expires_on=_last_day(details),
    )


def to_refund(refund: Json) -> ProviderRefund:
    """Return a Refund."""
    return ProviderRefund(
        reference=refund["id"],
        charge=refund.get("payment_intent") or "",
        state=_REFUNDS[refund["status"]],
        amount=from_stripe(refund["amount"], refund["currency"].upper()),
        reason=refund.get("failure_reason") or "",
        idempotency_key=(refund.get("metadata") or {}).get(KEY, ""),
    )


def to_dispute(dispute: Json) -> ProviderDispute | None:
    """Return a Dispute, or None for one that holds no money back."""
    state = _DISPUTES.get(dispute["status"])
    if state is None:
        return None
    return ProviderDispute(
        reference=dispute["id"],
        charge=dispute.get("payment_intent") or "",
        state=state,
        amount=from_stripe(dispute["amount"], dispute["currency"].upper()),
        reason=dispute.get("reason") or "",
    )


def _reason(intent: Json) -> str:
    return reason_of(intent.get("last_payment_error") or {})


def _refunded(intent: Json) -> int:
    """Return what was sent back, where the newest charge stands in the answer (expanded)."""
    charge = intent.get("latest_charge")
    return int(charge.get("amount_refunded") or 0) if isinstance(charge, Mapping) else 0


def _last_day(details: Json) -> date | None:
    year, month = details.get("exp_year"), details.get("exp_month")
    if not year or not month:
        return None
    return date(year, month, monthrange(year, month)[1])
