"""Customers and the methods that Stripe keeps for them."""

from __future__ import annotations

from typing import Any

import stripe

from domains.billing.contract.errors import PaymentDeclined, PaymentMethodUnknown
from domains.billing.services.payments.port import CustomerRequest, Method, MethodSetup
from domains.billing.services.payments.stripe.client import asking, body_of, client
from domains.billing.services.payments.stripe.objects import reason_of, to_method


def create_customer(request: CustomerRequest) -> str:
    """Make the organization a Customer; return its id."""
    params = {
        "name": request.name,
        "email": request.email,
        "metadata": {"organization_id": str(request.organization_id)},
    }
    given: Any = {name: value for name, value in params.items() if value}
    with asking():
        made = client().v1.customers.create(
            given,
            options={"idempotency_key": request.idempotency_key},
        )
    return made.id


def set_up(customer: str) -> MethodSetup:
    """Begin a SetupIntent, by which a card is entered and confirmed for later charges."""
    with asking():
        params: Any = {
            "customer": customer,
            "usage": "off_session",
            "payment_method_types": ["card"],
        }
        made = client().v1.setup_intents.create(params)
    return MethodSetup(provider="stripe", reference=made.id, client_secret=made.client_secret or "")


def attach(customer: str, reference: str) -> Method:
    """Keep the PaymentMethod for the customer; see `PaymentProvider.attach`."""
    with asking():
        try:
            kept = client().v1.payment_methods.attach(reference, {"customer": customer})
        except stripe.CardError as error:
            reason = reason_of(body_of(error))
            words = reason.replace("_", " ")
            raise PaymentDeclined(f"The provider says: {words}.", reason=reason) from error
        except stripe.InvalidRequestError as error:
            raise PaymentMethodUnknown from error
    return to_method(kept.to_dict())


def detach(reference: str) -> None:
    """Have Stripe forget the PaymentMethod."""
    with asking():
        try:
            client().v1.payment_methods.detach(reference)
        except stripe.InvalidRequestError:
            return  # it is gone already


def find(reference: str) -> Method | None:
    """Return the PaymentMethod if a customer has it."""
    with asking():
        try:
            found = client().v1.payment_methods.retrieve(reference)
        except stripe.InvalidRequestError:
            return None
    return to_method(found.to_dict()) if found.customer else None


def list_of(customer: str) -> list[Method]:
    """Return the cards of the customer."""
    with asking():
        kept = client().v1.payment_methods.list({"customer": customer, "type": "card"})
        return [to_method(each.to_dict()) for each in kept.auto_paging_iter()]
