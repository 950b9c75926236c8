"""Payments over HTTP."""

from __future__ import annotations

import json

import pytest

from domains.billing.models import Invoice, OfflineEvent, PaymentIntent, ProviderEvent
from domains.billing.services.payments.offline import OfflineProvider
from domains.billing.services.payments.offline.webhooks import signed
from domains.users import interface as users
from gateway import credentials
from kernel import clock
from kernel.ids import uuid7
from tests.billing.payments.conftest import attach, owed_by
from tests.billing.test_api import signed_in

pytestmark = pytest.mark.django_db(databases="__all__")

METHODS = "billing/payment-methods"


@pytest.fixture(autouse=True)
def _keys_of_this_test():
    """Signing keys are rolled back with each test; what the gateway remembers of them isn't."""
    credentials.verifier.cache_clear()


@pytest.fixture
def organization(api):
    """An organization of somebody's who is signed in, and that person's client."""
    account_id, client = signed_in(api, "owner")
    organization_id = users.ensure_organization(account_id=account_id, name="Team").id
    return organization_id, client(organization_id)


@pytest.fixture
def caller(organization):
    return organization[1]


@pytest.fixture
def organization_id(organization):
    return organization[0]


def keep(caller, method):
    return caller.post(METHODS, {"payment_method": method}, Idempotency_Key=str(uuid7()))


def change(caller, method_id, **values):
    return caller.patch(f"{METHODS}/{method_id}", values, Idempotency_Key=str(uuid7()))


def test_a_method_is_set_up_attached_chosen_and_detached(caller):
    begun = caller.post(f"{METHODS}/setup", {})
    assert (begun.status_code, begun.json()["provider"]) == (200, "test")
    assert begun.headers["Cache-Control"] == "no-store"
    first = keep(caller, "pm_card_visa")
    assert (first.status_code, first.json()["last4"]) == (201, "4242")
    second = keep(caller, "pm_card_mastercard").json()
    changed = change(caller, second["id"], is_default=True)
    assert changed.json()["is_default"] is True
    listed = caller.get(METHODS).json()["data"]
    assert [each["last4"] for each in listed] == ["4444", "4242"]
    assert caller.delete(f"{METHODS}/{second['id']}").status_code == 204
    assert [each["is_default"] for each in caller.get(METHODS).json()["data"]] == [True]


def test_an_unknown_method_is_refused_by_name(caller):
    answer = keep(caller, "pm_nobody_knows")
    assert (answer.status_code, answer.json()["code"]) == (422, "billing.payment_method_unknown")


def test_a_default_is_replaced_and_never_taken_away(caller):
    kept = keep(caller, "pm_card_visa").json()
    answer = change(caller, kept["id"], is_default=False)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "only_true")


def pay(caller, invoice, key="one"):
    return caller.post(f"billing/invoices/{invoice.id}/pay", {}, Idempotency_Key=key)


def test_an_open_invoice_is_paid(caller, organization_id):
    attach(organization_id)
    invoice = owed_by(organization_id)
    answer = pay(caller, invoice)
    assert (answer.status_code, answer.json()["status"]) == (200, "succeeded")
    assert Invoice.objects.within(organization_id).get().state == "paid"
    assert pay(caller, invoice, "two").json()["code"] == "billing.invoice_not_open"


def test_money_moves_only_under_a_key(caller, organization_id):
    method, invoice = attach(organization_id), owed_by(organization_id)
    answers = [
        caller.post(f"billing/invoices/{invoice.id}/pay", {}),
        caller.post(METHODS, {"payment_method": "pm_card_visa"}),  # is tried with what is overdue
        caller.patch(f"{METHODS}/{method.id}", {"is_default": True}),
    ]
    assert {each.json()["code"] for each in answers} == {"kernel.idempotency_key_required"}


def test_an_invoice_waits_for_a_confirmation_that_the_client_can_give(
    caller, organization_id, deliver_events
):
    attach(organization_id, "pm_card_requires_confirmation")
    invoice = owed_by(organization_id)
    waiting = pay(caller, invoice).json()
    assert waiting["status"] == "requires_action"
    secret = caller.get(f"billing/payments/{waiting['id']}/confirmation")
    assert secret.json()["client_secret"]
    intent = PaymentIntent.objects.within(organization_id).get()
    OfflineProvider().confirm(reference=intent.reference)
    deliver_events(sweeps=True)
    deliver_events()
    assert Invoice.objects.within(organization_id).get().state == "paid"


def test_paying_an_invoice_that_never_was_leaves_a_waiting_payment_alone(caller, organization_id):
    attach(organization_id, "pm_card_requires_confirmation")
    pay(caller, owed_by(organization_id))
    answer = caller.post(f"billing/invoices/{uuid7()}/pay", {}, Idempotency_Key="two")
    assert answer.json()["code"] == "billing.invoice_not_found"
    assert PaymentIntent.objects.within(organization_id).get().state == "requires_action"


def test_a_webhook_is_kept_before_it_is_answered_and_then_applied(api):
    event = OfflineEvent.objects.create(kind="payout.paid", reference="po_1")
    body, headers = signed(event, now=clock.now())
    answer = _deliver(api, body, headers)
    assert (answer.status_code, answer.json()) == (200, {})
    assert ProviderEvent.objects.get().kind == "payout.paid"


def test_a_forged_webhook_is_answered_400(api):
    answer = _deliver(api, json.dumps({"type": "charge.succeeded"}).encode(), {})
    assert (answer.status_code, answer.json()["code"]) == (400, "billing.webhook_refused")


def test_a_webhook_that_is_too_large_is_not_read(api):
    assert _deliver(api, b" " * 300_000, {}).status_code == 413


def _deliver(api, body, headers):
    path = "/api/v1/billing/webhooks/test"
    return api.client.generic("POST", path, body, content_type="text/plain", headers=headers)
