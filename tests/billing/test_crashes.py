"""What a crash, an outage or two at once leave behind, on real connections and real commits."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from django.db import IntegrityError

from domains.billing import tasks
from domains.billing.contract.errors import (
    PaymentDeclined,
    PaymentInProgress,
    PaymentProviderUnavailable,
)
from domains.billing.models import OfflineCharge, PaymentIntent
from domains.billing.services.payments import intents, providers
from domains.billing.services.payments.offline import OfflineProvider
from kernel.db import answer_scope, in_transaction
from kernel.ids import uuid7
from tests.billing.conftest import (
    NOW,
    charges,
    intents_of,
    plan_of,
    put_on,
    said_by_billing,
)
from tests.principals import member_of

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

LATER = NOW + timedelta(minutes=2)
ACTIVATED = ["billing.subscription_activated.v1", "billing.entitlements_changed.v1"]


class Crash(BaseException):
    """The process is gone: nothing of the program catches it."""


class FailingProvider(OfflineProvider):
    """Raises before or after it has done what it was asked."""

    def __init__(self, error, *, after: bool) -> None:
        self.error, self.after = error, after

    def charge(self, request):
        if self.after:
            super().charge(request)
        raise self.error


@pytest.fixture
def provider_fails(monkeypatch):
    def fail(error, *, after):
        failing = FailingProvider(error, after=after)
        monkeypatch.setitem(providers.PROVIDERS, "test", failing)

    return fail


@pytest.fixture(params=[False, True], ids=["before the charge", "after the charge"])
def charged(request):
    return request.param


@pytest.mark.parametrize("error", [Crash(), PaymentProviderUnavailable()], ids=["crash", "outage"])
def test_a_payment_left_open_is_settled_exactly_once_by_the_sweep(
    owner, monkeypatch, deliver_events, error, charged
):
    monkeypatch.setitem(providers.PROVIDERS, "test", FailingProvider(error, after=charged))
    with pytest.raises(type(error)):
        put_on(owner, "pro", "pm_card_visa")
    assert plan_of(owner) == "free"
    assert charges() == int(charged)
    monkeypatch.undo()
    with pytest.raises(PaymentInProgress):
        put_on(owner, "pro", "pm_card_visa")

    for _ in range(3):
        deliver_events(now=LATER, sweeps=True)

    assert (plan_of(owner), charges()) == ("pro", 1)
    assert said_by_billing() == ACTIVATED
    assert put_on(owner, "pro", "pm_card_visa").plan == "pro"
    assert charges() == 1


def test_a_crash_while_settling_undoes_all_of_it_and_the_sweep_repeats_it(
    owner, monkeypatch, deliver_events
):
    def crash(*events):
        raise Crash

    monkeypatch.setattr("domains.billing.services.subscriptions.activation.publish", crash)
    with pytest.raises(Crash):
        put_on(owner, "pro", "pm_card_visa")
    monkeypatch.undo()
    assert plan_of(owner) == "free"
    assert [i.state for i in intents_of(owner)] == ["pending"]
    deliver_events(now=LATER, sweeps=True)
    assert (plan_of(owner), charges()) == ("pro", 1)


def test_an_answer_that_could_not_be_given_is_made_up_for_by_the_sweep(owner, deliver_events):
    with pytest.raises(Crash), answer_scope("billing"):
        put_on(owner, "pro", "pm_card_visa")
        raise Crash
    assert plan_of(owner) == "free"
    deliver_events(now=LATER, sweeps=True)
    assert (plan_of(owner), charges()) == ("pro", 1)


def test_the_provider_is_never_asked_inside_a_transaction(owner, monkeypatch):
    class Watchful(OfflineProvider):
        def charge(self, request):
            assert not in_transaction("billing")
            assert PaymentIntent.objects.using("billing").filter(state="pending").exists()
            return super().charge(request)

    monkeypatch.setitem(providers.PROVIDERS, "test", Watchful())
    with answer_scope("billing"):
        assert put_on(owner, "pro", "pm_card_visa").plan == "pro"


def test_a_decline_is_committed_although_it_is_an_error(owner):
    with answer_scope("billing"), pytest.raises(PaymentDeclined):
        put_on(owner, "pro", "pm_card_declined")
    assert [i.state for i in intents_of(owner)] == ["failed"]
    assert said_by_billing() == [
        "billing.payment_failed.v1",
        "billing.subscription_expired.v1",
    ]


def test_a_replaced_confirmation_and_its_new_payment_are_separate_commits_in_one_request(owner):
    put_on(owner, "pro", "pm_card_requires_confirmation")
    with answer_scope("billing"):
        assert put_on(owner, "business", "pm_card_visa").plan == "business"
    assert [i.state for i in intents_of(owner)] == ["canceled", "succeeded"]


def test_the_sweep_leaves_young_payments_to_their_requests(owner, provider_fails, deliver_events):
    provider_fails(Crash(), after=False)
    with pytest.raises(Crash):
        put_on(owner, "pro", "pm_card_visa")
    assert intents.claim_due(now=NOW + timedelta(seconds=59)) == []
    assert len(intents.claim_due(now=LATER)) == 1
    assert intents.claim_due(now=LATER) == []


def test_one_payment_that_can_not_be_settled_keeps_no_other_back(owner, provider_fails):
    provider_fails(PaymentProviderUnavailable(), after=False)
    other = member_of(uuid7())
    for principal in (owner, other):
        with pytest.raises(PaymentProviderUnavailable):
            put_on(principal, "pro", "pm_card_visa")
    rung = intents.claim_due(now=LATER)
    assert len(rung) == 2
    with pytest.raises(PaymentProviderUnavailable):
        tasks.carry_out_payment(*map(str, rung[0]))
    assert len(intents.claim_due(now=LATER + timedelta(minutes=2))) == 2


def test_random_crashes_never_part_the_book_from_the_plans(monkeypatch, deliver_events):
    dice = random.Random(5)
    customers = [member_of(uuid7()) for _ in range(20)]

    class Fickle(OfflineProvider):
        def charge(self, request):
            if dice.random() < 0.3:
                raise Crash
            charge = super().charge(request)
            if dice.random() < 0.3:
                raise Crash
            return charge

    monkeypatch.setitem(providers.PROVIDERS, "test", Fickle())
    for customer in customers:
        for _ in range(2):
            plan = dice.choice(["pro", "business", "free"])
            method = dice.choice(["pm_card_visa", "pm_card_declined"])
            try:
                put_on(customer, plan, method)
            except (Crash, PaymentDeclined, PaymentInProgress):
                continue
    monkeypatch.undo()
    deliver_events(now=LATER, sweeps=True)

    assert not PaymentIntent.objects.filter(state__in=["pending"]).exists()
    paid = set(PaymentIntent.objects.filter(state="succeeded").values_list("id", flat=True))
    booked = OfflineCharge.objects.filter(status="succeeded")
    assert {line.idempotency_key for line in booked} == {f"payment-intent-{id_}" for id_ in paid}


def test_the_database_itself_refuses_a_second_open_payment(owner):
    put_on(owner, "pro", "pm_card_requires_confirmation")
    first = intents_of(owner)[0]
    with pytest.raises(IntegrityError, match="payment_intent_one_open"):
        PaymentIntent.objects.create(
            organization_id=first.organization_id,
            account_id=first.account_id,
            plan="business",
            amount=9900,
            currency="EUR",
            payment_method="pm_card_visa",
            created_at=NOW,
            due_at=NOW,
        )
