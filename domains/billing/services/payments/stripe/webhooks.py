"""Stripe's webhooks: signed over the raw body (docs.stripe.com/webhooks/signature)."""

from __future__ import annotations

from collections.abc import Mapping

import stripe
from django.conf import settings

from domains.billing.services.payments.port import Told, Topic, WebhookForged
from domains.billing.services.payments.stripe.client import client

# By the beginning of the event's type. What charges tell, their PaymentIntents tell too.
_TOPICS = {
    "payment_intent.": Topic.CHARGE,
    "refund.": Topic.REFUND,
    "charge.dispute.": Topic.DISPUTE,
    "payment_method.": Topic.METHOD,
}


def parse(body: bytes, headers: Mapping[str, str]) -> Told:
    """Return what the webhook tells; raise `WebhookForged`."""
    given = {name.lower(): value for name, value in headers.items()}
    try:
        event = (
            client()
            .construct_event(body, given.get("stripe-signature"), settings.STRIPE_WEBHOOK_SECRET)
            .to_dict()
        )
        about = event["data"]["object"]
        return Told(event_id=event["id"], kind=event["type"], reference=about.get("id", ""))
    except (stripe.SignatureVerificationError, ValueError, LookupError) as error:
        raise WebhookForged from error


def topic_of(kind: str) -> Topic:
    """Return what events of this type are about."""
    found = (topic for start, topic in _TOPICS.items() if kind.startswith(start))
    return next(found, Topic.NONE)
