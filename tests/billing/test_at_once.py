"""Two and more at once, on connections of their own."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from threading import Barrier, BrokenBarrierError

import pytest

from domains.billing.contract.errors import PaymentInProgress
from domains.billing.models import ChargeStatus, OfflineCharge
from domains.billing.services.payments import providers
from domains.billing.services.payments.offline import OfflineProvider
from kernel import clock
from kernel.ids import uuid7
from kernel.preconditions import Precondition
from tests.billing.conftest import (
    NOW,
    at_once,
    carry_out,
    charges,
    intents_of,
    open_payment,
    plan_of,
    put_on,
    said_by_billing,
)
from tests.principals import member_of

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

LATER = NOW + timedelta(minutes=2)
ACTIVATED = ["billing.subscription_activated.v1", "billing.entitlements_changed.v1"]


@pytest.mark.parametrize("plans", [("pro", "pro"), ("pro", "business")], ids="/".join)
def test_two_at_once_charge_once(owner, monkeypatch, plans):
    both_want = Barrier(2, timeout=0.5)

    class Slow(OfflineProvider):
        def charge(self, request):
            with suppress(BrokenBarrierError):  # the other one never comes: that is the point
                both_want.wait()
            return super().charge(request)

    monkeypatch.setitem(providers.PROVIDERS, "test", Slow())
    results = at_once(2, lambda n: put_on(owner, plans[n], "pm_card_visa"))

    refused = [r for r in results if isinstance(r, PaymentInProgress)]
    changed = [r for r in results if not isinstance(r, Exception)]
    assert (len(refused), len(changed), charges()) == (1, 1, 1)
    assert said_by_billing() == ACTIVATED
    assert plan_of(owner) == changed[0].plan


def test_many_first_changes_at_once_charge_once(owner):
    results = at_once(8, lambda _: put_on(owner, "pro", "pm_card_visa"))
    assert {type(r) for r in results if isinstance(r, Exception)} <= {PaymentInProgress}
    assert (plan_of(owner), charges(), said_by_billing()) == ("pro", 1, ACTIVATED)


def test_of_two_that_saw_the_same_version_one_is_refused(owner):
    tag = put_on(owner, "pro", "pm_card_visa").tag
    seen = Precondition(frozenset({tag}))
    results = at_once(
        2, lambda n: put_on(owner, ("free", "business")[n], "pm_card_visa", expected=seen)
    )
    assert len([r for r in results if isinstance(r, Exception)]) == 1


def test_the_request_and_the_job_at_once_settle_once(owner):
    intent = open_payment(owner, "pro")
    settled = at_once(6, lambda _: carry_out(intent, now=LATER).state)
    assert settled == ["succeeded"] * 6
    assert (charges(), said_by_billing()) == (1, ACTIVATED)


def test_confirmation_and_replacement_at_once_take_money_for_what_is_in_force(owner):
    provider = OfflineProvider()
    prices = {"free": 0, "pro": 2900, "business": 9900}
    for _ in range(5):
        customer = member_of(uuid7())
        put_on(customer, "pro", "pm_card_requires_confirmation")
        waiting = intents_of(customer)[0]
        at_once(
            2,
            lambda n, customer=customer, waiting=waiting: (
                provider.confirm(reference=waiting.reference)
                if n
                else put_on(customer, "business", "pm_card_visa")
            ),
        )
        carry_out(waiting, now=clock.now())
        paid = [i for i in intents_of(customer) if i.state == "succeeded"]
        assert paid[-1].plan == plan_of(customer)
        assert sum(_line_of(i).amount for i in paid) == prices[plan_of(customer)]
        assert not [i for i in intents_of(customer) if i.is_open]


def _line_of(intent):
    return OfflineCharge.objects.get(
        idempotency_key=intent.idempotency_key, status=ChargeStatus.SUCCEEDED
    )
