"""Webhooks of Stripe as localstripe never sends them: late, twice and out of order."""

from __future__ import annotations

from itertools import permutations

import pytest
import stripe

from domains.billing.models import PaymentIntent, PaymentMethod, ProviderEvent
from domains.billing.services.payments import webhook_application, webhooks
from domains.billing.services.payments.stripe import charging, client, objects
from kernel.ids import uuid7
from tests.billing.conftest import NOW
from tests.billing.payments.conftest import balance, collect, owed_by
from tests.billing.payments.test_stripe_answers import Answers, payment_intent, webhook

pytestmark = pytest.mark.django_db(databases="__all__")

KINDS = ("requires_action", "processing", "succeeded")


@pytest.fixture
def intent(settings):
    """A payment at Stripe of which nobody here has heard anything."""
    settings.PAYMENT_PROVIDER = "stripe"
    settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRET = "sk_test_1", "whsec_1"
    owner = uuid7()
    PaymentMethod.objects.create(
        organization_id=owner,
        provider="stripe",
        reference="pm_1",
        kind="card",
        is_default=True,
        created_at=NOW,
    )
    collect(owed_by(owner))
    return PaymentIntent.objects.within(owner).get()


def tell(kind):
    body, headers = webhook(id=f"evt_{kind}", type=f"payment_intent.{kind}")
    webhooks.receive(provider="stripe", body=body, headers=headers, now=NOW)


def apply_all():
    for event in ProviderEvent.objects.filter(state="waiting").order_by("received_at", "id"):
        webhook_application.apply(event_id=event.id, now=NOW)


@pytest.mark.parametrize("order", list(permutations(KINDS)), ids="-".join)
def test_whatever_was_told_first_a_payment_is_what_stripe_says_it_is_now(
    intent, order, monkeypatch
):
    """While the first event is applied it is still processing, and then it has succeeded."""
    metadata = {objects.KEY: intent.idempotency_key}
    states = ("processing", "succeeded", "succeeded", "succeeded")
    servers = Answers(*((200, payment_intent(status=each, metadata=metadata)) for each in states))
    stripes = stripe.StripeClient("sk_test_1", http_client=servers)
    for module in (charging, client):
        monkeypatch.setattr(module, "client", lambda: stripes)
    for kind in order:
        for _ in range(3):
            tell(kind)
        apply_all()
    for kind in reversed(order):
        tell(kind)
    apply_all()
    intent.refresh_from_db()
    assert (intent.state, balance("cash")) == ("succeeded", 2900)
    assert len(servers.asked) == ProviderEvent.objects.filter(state="applied").count() == 3
