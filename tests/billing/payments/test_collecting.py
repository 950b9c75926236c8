"""Opening payments for invoices, in bulk."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domains.billing.models import Dunning, PaymentIntent
from domains.billing.services.payments import intents
from kernel.ids import uuid7
from tests.billing.conftest import NOW
from tests.billing.payments.conftest import attach, collect, owed_by

pytestmark = pytest.mark.django_db(databases="__all__")


def payments():
    return list(PaymentIntent.objects.everywhere().order_by("due_at", "id"))


def chases():
    return list(Dunning.objects.everywhere().order_by("id"))


def test_what_is_due_is_charged_to_the_default_method_with_nobody_there(organization_id, invoice):
    attach(organization_id)
    collect(invoice)
    [payment] = payments()
    assert (payment.invoice_id, payment.amount, payment.currency) == (invoice.id, 2900, "EUR")
    assert (payment.payment_method, payment.off_session) == ("pm_card_visa", True)
    assert payment.account_id is None
    assert chases() == []


def test_nothing_is_opened_for_what_is_paid_or_not_final(organization_id):
    attach(organization_id)
    paid = owed_by(organization_id)
    paid.paid, paid.state = paid.total, "paid"
    collect(paid)
    assert payments() == []


def test_of_two_invoices_of_an_organization_the_second_waits_for_the_first(organization_id):
    attach(organization_id)
    first, second = owed_by(organization_id), owed_by(organization_id)
    collect(first, second)
    assert [payment.invoice_id for payment in payments()] == [first.id]
    [chase] = chases()
    assert (chase.invoice_id, chase.started_at) == (second.id, None)
    assert chase.next_at > NOW


def test_without_a_method_the_invoice_is_left_to_dunning_at_once(organization_id, invoice):
    collect(invoice)
    assert payments() == []
    [chase] = chases()
    assert (chase.started_at, chase.next_at) == (None, NOW)


@pytest.mark.parametrize("provider", ["none", "manual"])
def test_a_bank_transfer_is_waited_for_until_the_invoice_is_due(
    organization_id, settings, provider
):
    settings.PAYMENT_PROVIDER = provider
    due_at = NOW + timedelta(days=30)
    collect(owed_by(organization_id, due_at=due_at))
    assert payments() == []
    [chase] = chases()
    assert (chase.started_at, chase.next_at) == (None, due_at)


def test_many_are_spread_over_the_time_that_the_rate_gives_them(settings):
    settings.PAYMENT_RATE = (2, 1)
    owed = []
    for _ in range(4):
        customer = uuid7()
        attach(customer)
        owed.append(owed_by(customer))
    collect(*owed[:2])
    collect(*owed[2:])
    assert [payment.due_at - NOW for payment in payments()] == [
        timedelta(seconds=s) for s in (0, 0.5, 0.5, 1)
    ]
    assert len(intents.claim_due(now=NOW)) == 1


def test_a_hundred_are_opened_with_as_many_queries_as_two(django_assert_max_num_queries):
    owed = []
    for _ in range(100):
        customer = uuid7()
        attach(customer)
        owed.append(owed_by(customer))
    with django_assert_max_num_queries(8, connection=_billing()):
        collect(*owed)
    assert len(payments()) == 100


def _billing():
    from django.db import connections

    return connections["billing"]
