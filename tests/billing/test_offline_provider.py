from __future__ import annotations

import pytest

from domains.billing.services.payments.offline import IdempotencyKeyReused, OfflineProvider
from domains.billing.services.payments.port import ChargeRequest
from tests.billing.conftest import (
    at_once,
    charges,
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


def test_the_offline_provider_does_not_cancel_what_is_paid():
    paid = OfflineProvider().charge(REQUEST)
    assert OfflineProvider().cancel(reference=paid.reference) == paid
