"""Charges: each is one PaymentIntent, confirmed as it is made."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import stripe

from domains.billing.models import ChargeStatus
from domains.billing.services.payments.port import (
    UNKNOWN_METHOD,
    Charge,
    ChargeRequest,
    ChargeUnknown,
)
from domains.billing.services.payments.stripe.amounts import AmountNotChargeable, to_stripe
from domains.billing.services.payments.stripe.client import asking, body_of, client, is_missing
from domains.billing.services.payments.stripe.objects import KEY, reason_of, to_charge

NOT_CHARGEABLE = "amount_not_chargeable"


def charge(request: ChargeRequest) -> Charge:
    """Take the money by a PaymentIntent; see `PaymentProvider.charge`."""
    known = _find(request) if request.is_old else None
    if known is not None:
        return known
    try:
        params = _params(request)
    except AmountNotChargeable:
        return Charge(reference="", status=ChargeStatus.DECLINED, reason=NOT_CHARGEABLE)
    with asking():
        return _create(params, request.idempotency_key)


def fetch(reference: str) -> Charge:
    """Return the PaymentIntent as it is now; raise `ChargeUnknown`."""
    with asking():
        try:
            return _retrieve(reference)
        except stripe.InvalidRequestError as error:
            if is_missing(error):
                raise ChargeUnknown(reference) from error
            raise


def cancel(reference: str) -> Charge:
    """Cancel the PaymentIntent if that can still be; return it as it stands."""
    with asking():
        try:
            return to_charge(client().v1.payment_intents.cancel(reference).to_dict())
        except stripe.InvalidRequestError:
            return _retrieve(reference)  # it is over already


def made_between(since: datetime, until: datetime) -> Iterator[Charge]:
    """Yield every PaymentIntent made in [since, until), with what was refunded of it."""
    created = {"gte": int(since.timestamp()), "lt": int(until.timestamp())}
    params: Any = {"created": created, "limit": 100, "expand": ["data.latest_charge"]}
    with asking():
        found = client().v1.payment_intents.list(params)
        for intent in found.auto_paging_iter():
            yield to_charge(intent.to_dict())


def _retrieve(reference: str) -> Charge:
    found = client().v1.payment_intents.retrieve(reference, {"expand": ["latest_charge"]})
    return to_charge(found.to_dict())


def _params(request: ChargeRequest) -> Any:
    params: Any = {
        "amount": to_stripe(request.amount, request.currency),
        "currency": request.currency.lower(),
        "payment_method": request.payment_method,
        "payment_method_types": ["card"],
        "confirm": True,
        "metadata": {KEY: request.idempotency_key},
    }
    if request.customer:
        params["customer"] = request.customer
    if request.off_session:
        params["off_session"] = True
    return params


def _create(params: Any, key: str) -> Charge:
    try:
        made = client().v1.payment_intents.create(params, options={"idempotency_key": key})
    except stripe.CardError as error:
        return _declined(error)
    except stripe.InvalidRequestError as error:
        reason = UNKNOWN_METHOD if is_missing(error) else (error.code or "invalid_request")
        return Charge(reference="", status=ChargeStatus.REJECTED, reason=reason[:64])
    return to_charge(made.to_dict())


def _declined(error: stripe.CardError) -> Charge:
    """Return the decline; its PaymentIntent is canceled, lest it is confirmed behind our back."""
    body = body_of(error)
    reference = (body.get("payment_intent") or {}).get("id", "")
    if reference:
        client().v1.payment_intents.cancel(reference)
    return Charge(reference=reference, status=ChargeStatus.DECLINED, reason=reason_of(body))


def _find(request: ChargeRequest) -> Charge | None:
    """Return the PaymentIntent that was made under the key, if there is one.

    Lists are consistent at once; Stripe's search is not.
    """
    params: Any = {"limit": 100}
    if request.customer:
        params["customer"] = request.customer
    if request.asked_at is not None:
        params["created"] = {"gte": int(request.asked_at.timestamp())}
    with asking():
        for intent in client().v1.payment_intents.list(params).auto_paging_iter():
            found = intent.to_dict()
            if (found.get("metadata") or {}).get(KEY) == request.idempotency_key:
                return to_charge(found)
    return None
