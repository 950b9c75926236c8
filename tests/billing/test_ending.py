"""An organization that was erased has no plan any more, and pays for none."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domains.billing.models import Customer, PaymentIntent
from domains.billing.services.customers import lock_customer
from domains.billing.services.payments import intents
from domains.billing.services.payments.offline import OfflineProvider
from kernel import clock
from kernel.db import transaction
from tests.billing.conftest import (
    NOW,
    carry_out,
    charges,
    intents_of,
    plan_of,
    put_on,
    said_by_billing,
)
from tests.erasures import organization_erased

pytestmark = pytest.mark.django_db(databases="__all__")


def test_the_plan_ends_at_once_and_the_payment_stays_in_the_books(owner, deliver_events):
    put_on(owner, "pro", "pm_card_visa")
    organization_erased(owner.organization_id)
    deliver_events()
    (payment,) = intents_of(owner)
    assert plan_of(owner) == "free"
    assert Customer.objects.get().ended_at is not None
    assert (payment.state, payment.amount, payment.payment_method) == ("succeeded", 2900, "")
    assert charges() == 1


def test_a_payment_that_waits_for_its_confirmation_is_given_up(owner, deliver_events):
    reference = put_on(
        owner, "pro", "pm_card_requires_confirmation", now=clock.now()
    ).pending_payment.next_action.reference
    organization_erased(owner.organization_id)
    deliver_events()
    deliver_events(now=clock.now() + timedelta(minutes=2), sweeps=True)
    (payment,) = intents_of(owner)
    assert payment.state == "canceled"
    assert OfflineProvider().fetch(reference=reference).status == "canceled"
    assert plan_of(owner) == "free"


def test_a_payment_that_was_under_way_puts_no_plan_into_force(owner, deliver_events):
    with transaction("billing"):
        lock_customer(organization_id=owner.organization_id, now=NOW)
        intent = intents.open_intent(
            organization_id=owner.organization_id,
            account_id=owner.account_id,
            plan="pro",
            amount=2900,
            currency="EUR",
            payment_method="pm_card_visa",
            now=NOW,
        )
    organization_erased(owner.organization_id)
    deliver_events()
    carry_out(intent, now=NOW)
    assert PaymentIntent.objects.get().state == "succeeded"
    assert plan_of(owner) == "free"
    assert said_by_billing() == []


def test_an_organization_without_a_plan_of_its_own_ends_as_well(owner, deliver_events):
    organization_erased(owner.organization_id)
    deliver_events()
    assert plan_of(owner) == "free"
    assert not PaymentIntent.objects.exists()
