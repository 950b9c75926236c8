from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from domains.billing.contract.errors import PaymentProviderUnavailable
from domains.billing.services.payments.offline import IdempotencyKeyReused, OfflineProvider
from domains.billing.services.payments.port import ChargeRequest
from tests.billing.conftest import (
    NOW,
    at_once,
    charges,
    plan_of,
    put_on,
)

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

REQUEST = ChargeRequest(
    idempotency_key="k", amount=100, currency="EUR", payment_method="pm_card_visa"
)


def test_the_offline_provider_charges_once_however_often_and_at_once_it_is_asked_with_one_key():
    answers = at_once(8, lambda _: OfflineProvider().charge(REQUEST))
    assert len(set(answers)) == 1
    assert charges() == 1


def test_the_offline_provider_refuses_a_key_that_stands_for_another_charge():
    OfflineProvider().charge(REQUEST)
    with pytest.raises(IdempotencyKeyReused):
        OfflineProvider().charge(
            ChargeRequest(
                idempotency_key="k", amount=101, currency="EUR", payment_method="pm_card_visa"
            )
        )


@pytest.mark.parametrize(
    ("card", "present", "absent"),
    [
        ("visa", "succeeded", "succeeded"),
        ("declined", "card_declined", "card_declined"),
        ("insufficient_funds", "insufficient_funds", "insufficient_funds"),
        ("stolen", "stolen_card", "stolen_card"),
        ("expired", "expired_card", "expired_card"),
        ("requires_confirmation", "requires_action", "authentication_required"),
        ("insufficient_funds_later", "succeeded", "insufficient_funds"),
        ("stolen_later", "succeeded", "stolen_card"),
        ("disputed", "succeeded", "succeeded"),
        ("nobody_knows", "payment_method_unknown", "payment_method_unknown"),
    ],
)
def test_a_card_of_the_offline_provider_does_what_its_name_says(card, present, absent):
    for off_session, expected in ((False, present), (True, absent)):
        request = replace(
            REQUEST,
            idempotency_key=f"{off_session}",
            payment_method=f"pm_card_{card}",
            off_session=off_session,
        )
        charge = OfflineProvider().charge(request)
        assert (charge.reason or charge.status) == expected


def test_a_charge_whose_answer_is_lost_is_made_and_found_by_its_key():
    slow = replace(REQUEST, payment_method="pm_card_timeout_after_charge")
    with pytest.raises(PaymentProviderUnavailable):
        OfflineProvider().charge(slow)
    assert charges() == 1
    assert OfflineProvider().charge(slow).status == "succeeded"
    assert charges() == 1


def test_who_pays_with_a_card_that_times_out_is_charged_once(owner, deliver_events):
    with pytest.raises(PaymentProviderUnavailable):
        put_on(owner, "pro", "pm_card_timeout_after_charge")
    deliver_events(now=NOW + timedelta(minutes=2), sweeps=True)
    deliver_events(now=NOW + timedelta(minutes=4), sweeps=True)
    assert (plan_of(owner), charges()) == ("pro", 1)


def test_the_offline_provider_does_not_cancel_what_is_paid():
    paid = OfflineProvider().charge(REQUEST)
    assert OfflineProvider().cancel(reference=paid.reference) == paid
