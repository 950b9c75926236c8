"""What a provider tells: in any order, however often, and however late."""

from __future__ import annotations

import random
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from domains.billing.contract.payment_errors import ProviderNotFound, WebhookRefused
from domains.billing.models import (
    Dispute,
    OfflineCharge,
    OfflineDispute,
    OfflineEvent,
    OfflineRefund,
    PaymentIntent,
    ProviderEvent,
    Refund,
)
from domains.billing.services.payments import intents, webhook_application, webhooks
from domains.billing.services.payments.offline import OfflineProvider, book, telling
from domains.billing.services.payments.offline.webhooks import signed
from kernel.ids import uuid7
from tests.billing.conftest import NOW, at_once
from tests.billing.payments.conftest import attach, balance, carry_out_due, collect, owed_by

pytestmark = pytest.mark.django_db(databases="__all__")


def told(event, *, now=NOW):
    """Deliver the event as the provider would."""
    body, headers = signed(event, now=now)
    webhooks.receive(provider="test", body=body, headers=headers, now=now)


def apply_all(now=NOW):
    for event in ProviderEvent.objects.filter(state="waiting").order_by("?"):
        webhook_application.apply(event_id=event.id, now=now)


def waiting_payment(organization_id):
    """Return a payment that the provider has charged, and that nobody here heard of."""
    attach(organization_id)
    collect(owed_by(organization_id))
    intent = PaymentIntent.objects.within(organization_id).get()
    charge = OfflineProvider().charge(intents._request_of(intent, NOW))
    return intent, charge


def event_about(kind, reference):
    return OfflineEvent.objects.create(kind=kind, reference=reference)


def test_an_event_settles_a_payment_whose_answer_was_lost(organization_id):
    intent, charge = waiting_payment(organization_id)
    told(event_about("charge.succeeded", charge.reference))
    apply_all()
    intent.refresh_from_db()
    assert (intent.state, intent.reference) == ("succeeded", charge.reference)


def test_an_event_is_kept_once_however_often_it_is_told(organization_id):
    _, charge = waiting_payment(organization_id)
    event = event_about("charge.succeeded", charge.reference)
    for _ in range(10):
        told(event)
    assert ProviderEvent.objects.count() == 1


def test_a_forged_event_is_refused_and_not_kept(organization_id):
    _, charge = waiting_payment(organization_id)
    body, headers = signed(event_about("charge.succeeded", charge.reference), now=NOW)
    forgeries = [
        (body.replace(b"succeeded", b"succeedet"), headers),
        (body, {**headers, "webhook-signature": "v1,AAAA"}),
        (body, {**headers, "webhook-id": "evt_other"}),
        (body, {}),
    ]
    for forged, with_headers in forgeries:
        with pytest.raises(WebhookRefused):
            webhooks.receive(provider="test", body=forged, headers=with_headers, now=NOW)
    assert not ProviderEvent.objects.exists()


def test_an_old_signature_is_refused(organization_id):
    body, headers = signed(event_about("charge.succeeded", str(uuid7())), now=NOW)
    late = NOW + timedelta(minutes=6)
    with pytest.raises(WebhookRefused):
        webhooks.receive(provider="test", body=body, headers=headers, now=late)


def test_a_provider_that_is_not_set_up_is_not_found(settings):
    settings.STRIPE_SECRET_KEY = ""
    for name in ("stripe", "nobody"):
        with pytest.raises(ProviderNotFound):
            webhooks.receive(provider=name, body=b"{}", headers={}, now=NOW)


def test_kinds_of_no_interest_are_kept_as_such():
    told(event_about("payout.paid", "po_1"))
    assert ProviderEvent.objects.get().state == "ignored"


def test_what_is_nobodys_here_is_ignored():
    charge = OfflineCharge.objects.create(
        idempotency_key="somebody-else",
        amount=1,
        currency="EUR",
        payment_method="pm_card_visa",
        status="succeeded",
    )
    told(event_about("charge.succeeded", str(charge.id)))
    apply_all()
    assert ProviderEvent.objects.get().state == "ignored"


def test_what_can_not_be_applied_is_tried_again_and_then_quarantined():
    told(event_about("charge.succeeded", str(uuid7())))
    now = NOW
    for _ in range(webhook_application.TRIES):
        event = ProviderEvent.objects.get()
        assert event.state == "waiting"
        now = event.due_at
        webhook_application.apply(event_id=event.id, now=now)
    event = ProviderEvent.objects.get()
    assert (event.state, event.attempts) == ("quarantined", webhook_application.TRIES)
    assert "ChargeUnknown" in event.error


def test_money_for_a_payment_that_failed_here_is_quarantined(organization_id):
    intent, charge = waiting_payment(organization_id)
    PaymentIntent.objects.within(organization_id).update(state="failed", settled_at=NOW)
    told(event_about("charge.succeeded", charge.reference))
    for _ in range(webhook_application.TRIES):
        apply_all()
    event = ProviderEvent.objects.get()
    assert event.state == "quarantined"
    assert str(intent.id) in event.error


def by_service(events):
    return webhooks.replay(events=events.filter(state="quarantined"), now=NOW)


def by_command(_):
    call_command("billing", "replay-webhooks", "--quarantined", stdout=(said := StringIO()))
    return int(said.getvalue().split()[0])


@pytest.mark.parametrize("replay", [by_service, by_command])
def test_a_replayed_event_is_applied_once_more(organization_id, replay):
    intent, charge = waiting_payment(organization_id)
    PaymentIntent.objects.within(organization_id).update(state="failed", settled_at=NOW)
    told(event_about("charge.succeeded", charge.reference))
    for _ in range(webhook_application.TRIES):
        apply_all()
    PaymentIntent.objects.within(organization_id).update(state="pending", settled_at=None)
    assert replay(ProviderEvent.objects.all()) == 1
    apply_all()
    assert ProviderEvent.objects.get().state == "applied"
    intent.refresh_from_db()
    assert intent.state == "succeeded"


def test_the_offline_provider_tells_what_no_answer_said(organization_id):
    attach(organization_id, "pm_card_disputed")
    collect(owed_by(organization_id))
    carry_out_due()
    assert telling.tell(now=NOW) == 1
    assert telling.tell(now=NOW) == 0
    apply_all()
    assert Dispute.objects.within(organization_id).get().state == "open"
    assert (balance("cash"), balance("disputed")) == (0, 2900)


@pytest.mark.parametrize(("state", "cash", "lost"), [("won", 2900, 0), ("lost", 0, 2900)])
def test_a_dispute_is_decided_either_way(organization_id, state, cash, lost):
    attach(organization_id, "pm_card_disputed")
    collect(owed_by(organization_id))
    carry_out_due()
    book.close_dispute(str(OfflineDispute.objects.get().id), Dispute.State(state))
    telling.tell(now=NOW)
    apply_all()
    assert Dispute.objects.within(organization_id).get().state == state
    assert (balance("cash"), balance("disputed"), balance("write_off")) == (cash, 0, lost)


def a_story():
    """Let much happen at the provider, of which the answers were lost; return its events."""
    events = []
    for number in range(6):
        customer = uuid7()
        intent, charge = waiting_payment(customer)
        events.append(event_about("charge.succeeded", charge.reference))
        if number % 3 == 0:
            line = OfflineCharge.objects.get(id=charge.reference)
            dispute = book.open_dispute(line)
            events.append(event_about("dispute.opened", str(dispute.id)))
            book.close_dispute(str(dispute.id), Dispute.State.WON if number else Dispute.State.LOST)
            events.append(event_about("dispute.closed", str(dispute.id)))
        if number % 3 == 1:
            refund = Refund.objects.create(
                organization_id=customer,
                intent=intent,
                amount=500,
                created_at=NOW,
                due_at=NOW,
            )
            PaymentIntent.objects.within(customer).update(refunded=500)
            sent = book.enter_refund(
                OfflineRefund(
                    idempotency_key=refund.idempotency_key,
                    charge_id=charge.reference,
                    amount=500,
                    status="succeeded" if number == 1 else "failed",
                )
            )
            events.append(event_about("refund.updated", str(sent.id)))
    return events


def end_state():
    payments = PaymentIntent.objects.everywhere().values_list("state", "amount", "refunded")
    disputes = Dispute.objects.everywhere().values_list("state", "amount")
    refunds = Refund.objects.everywhere().values_list("state", "amount")
    books = {
        account: balance(account)
        for account in ("cash", "balance", "disputed", "refunds", "write_off", "receivable")
    }
    return sorted(payments), sorted(disputes), sorted(refunds), books


@pytest.mark.parametrize("seed", range(5))
def test_duplicates_bursts_delays_forgeries_and_any_order_end_in_the_same_state(seed):
    dice = random.Random(seed)
    deliveries = a_story() * 10
    dice.shuffle(deliveries)
    now = NOW
    for number, event in enumerate(deliveries):
        now += timedelta(hours=dice.choice([0, 0, 1, 30]))
        told(event, now=now)
        if number % 7 == 3:
            body, headers = signed(event, now=now)
            with pytest.raises(WebhookRefused):
                webhooks.receive(provider="test", body=body + b" ", headers=headers, now=now)
        if dice.random() < 0.2:
            apply_all(now)
    apply_all(now)
    assert not ProviderEvent.objects.exclude(state="applied").exists()
    payments, disputes, refunds, books = end_state()
    assert [state for state, *_ in payments] == ["succeeded"] * 6
    assert disputes == [("lost", 2900), ("won", 2900)]
    assert refunds == [("failed", 500), ("succeeded", 500)]
    assert books == {
        "cash": 5 * 2900 - 500,
        "balance": -500,
        "disputed": 0,
        "refunds": 1000,
        "write_off": 2900,
        "receivable": -6 * 2900,
    }


@pytest.mark.django_db(databases="__all__", transaction=True)
def test_one_event_told_and_applied_by_many_at_once_counts_once(organization_id):
    intent, charge = waiting_payment(organization_id)
    event = event_about("charge.succeeded", charge.reference)
    at_once(6, lambda _: told(event))
    kept = ProviderEvent.objects.get()
    at_once(6, lambda _: webhook_application.apply(event_id=kept.id, now=NOW))
    intent.refresh_from_db()
    assert (intent.state, balance("cash")) == ("succeeded", 2900)
