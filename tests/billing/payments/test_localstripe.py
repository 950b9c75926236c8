"""The Stripe adapter against a server that speaks Stripe's API, over real HTTP."""

from __future__ import annotations

import http.server
import os
import threading
from datetime import UTC, datetime
from queue import Queue

import pytest

from domains.billing.contract.errors import (
    PaymentDeclined,
    PaymentMethodUnknown,
    PaymentProviderUnavailable,
)
from domains.billing.models import PaymentIntent, ProviderEvent
from domains.billing.services.payments import intents, methods, webhook_application, webhooks
from domains.billing.services.payments.port import (
    ChargeRequest,
    ChargeUnknown,
    CustomerRequest,
    RefundRequest,
    WebhookForged,
)
from domains.billing.services.payments.stripe import StripeProvider
from kernel.ids import uuid7
from tests.billing.conftest import NOW
from tests.billing.payments import localstripe
from tests.billing.payments.conftest import carry_out_due, collect, owed_by

pytestmark = [
    pytest.mark.django_db(databases="__all__"),
    pytest.mark.xdist_group("localstripe"),
]

SECRET = "whsec_a_secret_of_the_tests"
SUCCEEDS, FAILS_LATER, ASKS = "4242424242424242", "4000000000000341", "4000002500003155"
DECLINED_AT_ONCE = "4000000000000002"


@pytest.fixture(scope="module")
def server():
    """The address of a localstripe that runs as long as this module's tests."""
    try:
        python = localstripe.interpreter()
    except localstripe.CannotInstall as error:
        if os.environ.get("REQUIRE_ALL"):
            pytest.fail(f"localstripe can't be installed: {error}")
        pytest.skip(f"LEFT OUT: localstripe can't be installed: {error}")
    with localstripe.serving(python) as address:
        yield address


@pytest.fixture
def provider(server, settings):
    settings.PAYMENT_PROVIDER = "stripe"
    settings.STRIPE_SECRET_KEY = "sk_test_12345"
    settings.STRIPE_WEBHOOK_SECRET = SECRET
    settings.STRIPE_API_BASE = server
    return StripeProvider()


@pytest.fixture
def customer(provider):
    return provider.create_customer(
        CustomerRequest(idempotency_key=str(uuid7()), organization_id=uuid7(), name="Acme")
    )


@pytest.fixture
def card(server):
    """Make a card as Stripe's form in a browser does; return its id."""

    def make(number):
        made = localstripe.post(
            f"{server}/v1/payment_methods",
            {
                "type": "card",
                "card[number]": number,
                "card[exp_month]": "12",
                "card[exp_year]": "2031",
                "card[cvc]": "123",
            },
        )
        return made["id"]

    return make


def charge(provider, customer, method, **options):
    return provider.charge(
        ChargeRequest(
            idempotency_key=f"payment-intent-{uuid7()}",
            amount=2900,
            currency="EUR",
            customer=customer,
            payment_method=method,
            **options,
        )
    )


def test_a_card_is_set_up_attached_listed_and_detached(provider, customer, card):
    assert "_secret_" in provider.set_up_method(customer=customer).client_secret
    kept = provider.attach(customer=customer, reference=card(SUCCEEDS))
    assert (kept.brand, kept.last4, kept.expires_on.isoformat()) == ("visa", "4242", "2031-12-31")
    assert provider.list_methods(customer=customer) == [kept]
    assert provider.find_method(reference=kept.reference) == kept
    provider.detach(reference=kept.reference, customer=customer)
    assert provider.list_methods(customer=customer) == []
    assert provider.find_method(reference=kept.reference) is None


def test_a_card_that_the_bank_refuses_is_not_kept(provider, customer, card):
    with pytest.raises(PaymentDeclined) as caught:
        provider.attach(customer=customer, reference=card(DECLINED_AT_ONCE))
    assert caught.value.details == {"reason": "card_declined"}


def test_a_method_that_there_is_not_is_unknown(provider, customer):
    with pytest.raises(PaymentMethodUnknown):
        provider.attach(customer=customer, reference="pm_nobody_knows")


def test_money_moves_and_goes_back(provider, customer, card):
    method = provider.attach(customer=customer, reference=card(SUCCEEDS))
    paid = charge(provider, customer, method.reference, off_session=True)
    assert (paid.status, paid.amount, paid.currency) == ("succeeded", 2900, "EUR")
    assert paid.idempotency_key.startswith(PaymentIntent.KEY_PREFIX)
    assert provider.fetch(reference=paid.reference).status == "succeeded"
    sent = provider.refund(
        RefundRequest(
            idempotency_key=f"refund-{uuid7()}",
            charge=paid.reference,
            amount=900,
            currency="EUR",
        )
    )
    assert (sent.state, sent.amount, sent.charge) == ("succeeded", 900, paid.reference)
    assert provider.fetch_refund(reference=sent.reference) == sent


def test_a_decline_is_an_answer_and_no_error(provider, customer, card):
    method = provider.attach(customer=customer, reference=card(FAILS_LATER))
    declined = charge(provider, customer, method.reference, off_session=True)
    assert (declined.status, declined.reason) == ("declined", "card_declined")


def test_a_refund_that_is_refused_is_an_answer_and_no_error(provider, customer):
    refused = provider.refund(
        RefundRequest(idempotency_key="r", charge="pi_unknown", amount=1, currency="EUR")
    )
    assert refused.state == "failed"


def test_a_payment_waits_until_the_customer_confirms_it(provider, customer, card, server):
    method = provider.attach(customer=customer, reference=card(ASKS))
    waiting = charge(provider, customer, method.reference)
    assert waiting.status == "requires_action"
    localstripe.post(
        f"{server}/v1/payment_intents/{waiting.reference}/_authenticate",
        {"client_secret": waiting.client_secret, "success": "true"},
    )
    assert provider.fetch(reference=waiting.reference).status == "succeeded"
    assert provider.cancel(reference=waiting.reference).status == "succeeded"


def test_an_unconfirmed_payment_can_be_given_up(provider, customer, card):
    method = provider.attach(customer=customer, reference=card(ASKS))
    waiting = charge(provider, customer, method.reference)
    assert provider.cancel(reference=waiting.reference).status == "canceled"


def test_a_charge_that_there_is_not_is_unknown(provider):
    with pytest.raises(ChargeUnknown):
        provider.fetch(reference="pi_nobody_knows")


def test_a_server_that_is_away_or_refuses_the_key_is_unavailable(provider, settings):
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    with pytest.raises(PaymentProviderUnavailable):
        provider.fetch(reference="pi_1")


def test_an_invoice_is_paid_through_the_three_steps(provider, card, organization_id):
    methods.attach(
        organization_id=organization_id, account_id=None, reference=card(SUCCEEDS), now=NOW
    )
    invoice = owed_by(organization_id)
    collect(invoice)
    carry_out_due()
    invoice.refresh_from_db()
    intent = PaymentIntent.objects.within(organization_id).get()
    assert (intent.state, invoice.state, intent.provider) == ("succeeded", "paid", "stripe")
    assert intents.find_open(organization_id=organization_id) is None


@pytest.fixture
def post_office():
    """A server of ours that localstripe posts its webhooks to: their bodies and headers."""
    got: Queue = Queue()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.put((body, dict(self.headers)))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            """Say nothing."""

    listening = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{listening.server_port}", got
    listening.shutdown()
    listening.server_close()


def test_its_webhooks_are_known_by_their_signature_and_applied(
    provider, card, server, post_office, organization_id
):
    address, got = post_office
    localstripe.post(
        f"{server}/_config/webhooks/tests",
        {"url": address, "secret": SECRET, "events[]": "payment_intent.succeeded"},
    )
    methods.attach(
        organization_id=organization_id, account_id=None, reference=card(SUCCEEDS), now=NOW
    )
    collect(owed_by(organization_id))
    intent = PaymentIntent.objects.within(organization_id).get()
    provider.charge(intents._request_of(intent, NOW))  # the answer is lost
    body, headers = b"", {}
    while intent.idempotency_key.encode() not in body:  # those of other tests come late
        body, headers = got.get(timeout=60)
    now = datetime.now(UTC)
    with pytest.raises(WebhookForged):
        provider.parse_webhook(body=body + b" ", headers=headers, now=now)
    webhooks.receive(provider="stripe", body=body, headers=headers, now=now)
    event = ProviderEvent.objects.get()
    assert event.kind == "payment_intent.succeeded"
    webhook_application.apply(event_id=event.id, now=now)
    intent.refresh_from_db()
    assert intent.state == "succeeded"
