"""Refunds of PaymentIntents."""

from __future__ import annotations

from typing import Any

import stripe

from domains.billing.models import RefundState
from domains.billing.services.payments.port import ProviderRefund, RefundRequest
from domains.billing.services.payments.stripe.amounts import to_stripe
from domains.billing.services.payments.stripe.client import asking, client
from domains.billing.services.payments.stripe.objects import KEY, to_refund


def refund(request: RefundRequest) -> ProviderRefund:
    """Send money of the PaymentIntent back; what Stripe refuses is a refund that failed."""
    known = _find(request) if request.is_old else None
    if known is not None:
        return known
    with asking():
        try:
            made = client().v1.refunds.create(
                {
                    "payment_intent": request.charge,
                    "amount": to_stripe(request.amount, request.currency),
                    "metadata": {KEY: request.idempotency_key},
                },
                options={"idempotency_key": request.idempotency_key},
            )
        except (stripe.InvalidRequestError, stripe.CardError) as error:
            return _refused(request, error)
    return to_refund(made.to_dict())


def fetch(reference: str) -> ProviderRefund:
    """Return the refund as it is now."""
    with asking():
        return to_refund(client().v1.refunds.retrieve(reference).to_dict())


def _refused(request: RefundRequest, error: stripe.StripeError) -> ProviderRefund:
    return ProviderRefund(
        reference="",
        charge=request.charge,
        state=RefundState.FAILED,
        amount=request.amount,
        reason=(error.code or "refused")[:64],
        idempotency_key=request.idempotency_key,
    )


def _find(request: RefundRequest) -> ProviderRefund | None:
    params: Any = {"payment_intent": request.charge, "limit": 100}
    with asking():
        made = client().v1.refunds.list(params).auto_paging_iter()
        found = (to_refund(each.to_dict()) for each in made)
        return next((r for r in found if r.idempotency_key == request.idempotency_key), None)
