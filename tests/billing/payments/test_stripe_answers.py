"""The Stripe adapter on answers of the shapes that Stripe's API reference shows.

What localstripe lacks: idempotency keys, decline codes, disputes, special currencies.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest
import stripe
from hypothesis import given
from hypothesis import strategies as st

from domains.billing.contract.errors import PaymentProviderUnavailable
from domains.billing.services.payments.port import ChargeRequest, Topic, WebhookForged
from domains.billing.services.payments.stripe import StripeProvider, charging, client, objects
from domains.billing.services.payments.stripe.amounts import (
    AmountNotChargeable,
    from_stripe,
    to_stripe,
)

ASKED_AT = datetime(2026, 3, 1, tzinfo=UTC)
KEY = "payment-intent-0192f0c1-7c5e-7d4a-9b1e-3f2a1c0d4e61"


def payment_intent(**given):
    return {
        "id": "pi_1",
        "object": "payment_intent",
        "amount": 2900,
        "currency": "eur",
        "status": "succeeded",
        "client_secret": "pi_1_secret_2",
        "metadata": {objects.KEY: KEY},
        "latest_charge": "ch_1",
        "last_payment_error": None,
        **given,
    }


class Answers(stripe.HTTPClient):
    """Stripe's servers: answers in order, and what was asked."""

    name = "answers"

    def __init__(self, *answers):
        super().__init__()
        self.answers, self.asked = list(answers), []

    def request_with_retries(self, method, url, headers, post_data=None, **_):
        self.asked.append((method, url.partition("/v1")[2], dict(headers), post_data))
        status, body = self.answers.pop(0)
        return json.dumps(body), status, {"request-id": "req_1"}


@pytest.fixture
def answering(monkeypatch):
    """Have Stripe give these answers; return what was asked."""

    def answer(*answers):
        servers = Answers(*answers)
        asked = stripe.StripeClient("sk_test_1", http_client=servers)
        for module in (charging, client):
            monkeypatch.setattr(module, "client", lambda: asked)
        return servers.asked

    return answer


def request(**given):
    return ChargeRequest(
        **{
            "idempotency_key": KEY,
            "amount": 2900,
            "currency": "EUR",
            "payment_method": "pm_1",
            "customer": "cus_1",
            "asked_at": ASKED_AT,
            **given,
        }
    )


def card_error(**given):
    return 402, {"error": {"type": "card_error", "code": "card_declined", **given}}


def test_a_charge_is_asked_under_the_intents_key_which_is_also_written_on_it(answering):
    asked = answering((200, payment_intent()))
    assert StripeProvider().charge(request(off_session=True)).status == "succeeded"
    [(method, path, headers, body)] = asked
    assert (method, path, headers["Idempotency-Key"]) == ("post", "/payment_intents", KEY)
    assert "off_session=true" in body.lower()
    assert "confirm=true" in body.lower()
    assert KEY in body


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        ({"decline_code": "insufficient_funds"}, "insufficient_funds"),
        ({"decline_code": "stolen_card"}, "stolen_card"),
        ({"code": "expired_card"}, "expired_card"),
        (
            {"code": "authentication_required", "decline_code": "authentication_required"},
            "authentication_required",
        ),
    ],
)
def test_a_decline_says_why_and_its_payment_intent_is_canceled(answering, error, reason):
    declined = payment_intent(status="requires_payment_method")
    asked = answering(
        card_error(**error, payment_intent=declined), (200, payment_intent(status="canceled"))
    )
    charge = StripeProvider().charge(request())
    assert (charge.status, charge.reason, charge.reference) == ("declined", reason, "pi_1")
    assert asked[1][1] == "/payment_intents/pi_1/cancel"


@pytest.mark.parametrize(
    ("status", "ours"),
    [
        ("succeeded", "succeeded"),
        ("processing", "processing"),
        ("requires_action", "requires_action"),
        ("requires_payment_method", "declined"),
        ("canceled", "canceled"),
    ],
)
def test_every_state_of_a_payment_intent_means_one_of_ours(answering, status, ours):
    answering((200, payment_intent(status=status)))
    assert StripeProvider().fetch(reference="pi_1").status == ours


def test_a_charge_whose_key_stripe_may_have_forgotten_is_looked_for_before_it_is_made(answering):
    others = payment_intent(id="pi_0", metadata={objects.KEY: "another"})
    asked = answering(
        (200, {"object": "list", "has_more": False, "data": [others, payment_intent()]})
    )
    assert StripeProvider().charge(request(is_old=True)).reference == "pi_1"
    assert [path.partition("?")[0] for _, path, _, _ in asked] == ["/payment_intents"]


def test_one_that_was_never_made_is_made_after_all(answering):
    nothing = (200, {"object": "list", "has_more": False, "data": []})
    asked = answering(nothing, (200, payment_intent()))
    assert StripeProvider().charge(request(is_old=True)).reference == "pi_1"
    assert [method for method, *_ in asked] == ["get", "post"]


@pytest.mark.parametrize(
    "answer",
    [
        (409, {"error": {"type": "idempotency_error", "message": "in use"}}),
        (429, {"error": {"type": "invalid_request_error", "code": "rate_limit"}}),
        (500, {"error": {"type": "api_error"}}),
        (401, {"error": {"type": "invalid_request_error", "message": "no such key"}}),
    ],
    ids=["in use", "too often", "broken", "wrong key"],
)
def test_what_says_nothing_of_the_charge_leaves_it_open(answering, answer):
    answering(answer)
    with pytest.raises(PaymentProviderUnavailable):
        StripeProvider().charge(request())


def test_an_unknown_method_is_rejected(answering):
    error = {"type": "invalid_request_error", "code": "resource_missing", "param": "payment_method"}
    answering((400, {"error": error}))
    assert StripeProvider().charge(request()).status == "rejected"


def test_an_amount_that_stripe_can_not_move_exactly_is_not_moved(answering):
    assert answering() == []
    charge = StripeProvider().charge(request(amount=1234, currency="KWD"))
    assert (charge.status, charge.reason) == ("declined", "amount_not_chargeable")


@pytest.mark.parametrize(
    ("ours", "currency", "stripes"),
    [
        (2900, "EUR", 2900),
        (500, "JPY", 500),
        (1240, "KWD", 1240),
        (500, "ISK", 50000),
        (500, "UGX", 50000),
        (500, "MGA", 5),
        (500, "HUF", 500),
        (500, "TWD", 500),
    ],
)
def test_minor_units_are_counted_as_stripe_does(ours, currency, stripes):
    assert to_stripe(ours, currency) == stripes
    assert from_stripe(stripes, currency) == ours


@given(
    amount=st.integers(0, 10**12),
    currency=st.sampled_from(["EUR", "JPY", "KWD", "BHD", "ISK", "UGX", "MGA", "HUF", "TWD"]),
)
def test_an_amount_comes_back_as_it_went_or_does_not_go(amount, currency):
    try:
        there = to_stripe(amount, currency)
    except AmountNotChargeable:
        assert currency in {"KWD", "BHD", "MGA"}
    else:
        assert from_stripe(there, currency) == amount


def test_a_card_is_good_until_the_last_day_of_its_month():
    card = {"brand": "visa", "last4": "4242", "exp_month": 2, "exp_year": 2028}
    method = objects.to_method({"id": "pm_1", "type": "card", "card": card})
    assert method.expires_on == date(2028, 2, 29)


@pytest.mark.parametrize(
    ("status", "ours"),
    [("needs_response", "open"), ("under_review", "open"), ("won", "won"), ("lost", "lost")],
)
def test_every_state_of_a_dispute_means_one_of_ours(status, ours):
    told = {"id": "du_1", "payment_intent": "pi_1", "amount": 2900, "currency": "eur"}
    assert objects.to_dispute({**told, "status": status, "reason": "fraudulent"}).state == ours


@pytest.mark.parametrize("status", ["warning_needs_response", "warning_closed"])
def test_an_inquiry_holds_no_money_back(status):
    assert objects.to_dispute({"id": "du_1", "status": status}) is None


def webhook(secret="whsec_1", **given):
    event = {
        "id": "evt_1",
        "object": "event",
        "type": "payment_intent.succeeded",
        "data": {"object": {"id": "pi_1", "object": "payment_intent"}},
        **given,
    }
    body = json.dumps(event)
    signature = stripe.WebhookSignature.generate_signature_header(body, secret)
    return body.encode(), {"Stripe-Signature": signature}


def test_a_webhook_is_taken_if_stripe_signed_it(settings):
    settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRET = "sk_test_1", "whsec_1"
    body, headers = webhook()
    told = StripeProvider().parse_webhook(body=body, headers=headers, now=ASKED_AT)
    assert (told.event_id, told.kind, told.reference) == (
        "evt_1",
        "payment_intent.succeeded",
        "pi_1",
    )


def test_a_webhook_is_refused_unless_it_is_signed_whole_now_and_by_stripe(settings):
    settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRET = "sk_test_1", "whsec_1"
    body, headers = webhook()
    long_ago = int((datetime.now(UTC) - timedelta(minutes=6)).timestamp())
    old = stripe.WebhookSignature.generate_signature_header(body.decode(), "whsec_1", long_ago)
    for forged, with_headers in [
        (body + b" ", headers),
        (body, {}),
        (body, {"Stripe-Signature": "t=1,v1=00"}),
        (body, {"Stripe-Signature": "nonsense"}),
        (body, {"Stripe-Signature": old}),
        webhook(secret="whsec_2"),
        (b"\xff\xfe", headers),
        webhook(data={}),
    ]:
        with pytest.raises(WebhookForged):
            StripeProvider().parse_webhook(body=forged, headers=with_headers, now=ASKED_AT)


@pytest.mark.parametrize(
    ("kind", "topic"),
    [
        ("payment_intent.succeeded", Topic.CHARGE),
        ("charge.succeeded", Topic.NONE),
        ("charge.dispute.funds_withdrawn", Topic.DISPUTE),
        ("charge.refunded", Topic.NONE),
        ("refund.failed", Topic.REFUND),
        ("payment_method.automatically_updated", Topic.METHOD),
        ("invoice.paid", Topic.NONE),
    ],
)
def test_events_are_looked_at_by_what_they_are_about(kind, topic):
    assert StripeProvider().topic_of(kind) is topic
