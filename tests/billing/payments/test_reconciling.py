"""The provider's book held against ours, both ways."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domains.billing.models import Finding, OfflineCharge, PaymentIntent, Reconciliation
from domains.billing.services.payments import reconciling
from kernel import clock
from kernel.ids import uuid7
from tests.billing.payments.conftest import attach, carry_out_due, collect, owed_by, said

pytestmark = pytest.mark.django_db(databases="__all__")

# The far side keeps its own time, which is the real one.
LATER = timedelta(hours=1)


@pytest.fixture
def now():
    return clock.now()


@pytest.fixture
def paid(organization_id, now):
    """A payment that both sides know."""
    attach(organization_id, now=now)
    collect(owed_by(organization_id), now=now)
    carry_out_due(now)
    return PaymentIntent.objects.within(organization_id).get()


def found(now):
    reconciling.reconcile(now=now + LATER)
    return list(Finding.objects.order_by("id").values_list("kind", flat=True))


def test_books_that_agree_say_nothing(paid, now):
    assert found(now) == []
    run = Reconciliation.objects.get()
    assert (run.charges, run.findings) == (1, 0)
    assert said("billing.reconciliation_differed.v1") == []


def test_a_charge_under_a_key_of_ours_that_we_don_t_know_is_found(paid, now):
    OfflineCharge.objects.create(
        idempotency_key=f"{PaymentIntent.KEY_PREFIX}{uuid7()}",
        amount=2900,
        currency="EUR",
        payment_method="pm_card_visa",
        status="succeeded",
    )
    assert found(now) == ["unknown_charge"]
    assert said("billing.reconciliation_differed.v1") == [{"provider": "test", "findings": 1}]


def test_charges_that_others_make_there_are_none_of_ours(paid, now):
    OfflineCharge.objects.create(
        idempotency_key="another-product",
        amount=1,
        currency="EUR",
        payment_method="pm_card_visa",
        status="succeeded",
    )
    assert found(now) == []


def test_a_payment_that_the_provider_doesn_t_know_is_found(paid, now):
    OfflineCharge.objects.all().delete()
    assert found(now) == ["missing_charge"]


def test_what_is_paid_for_one_side_only_is_found(paid, now):
    OfflineCharge.objects.update(status="declined")
    assert found(now) == ["status"]


@pytest.mark.parametrize(
    ("column", "value", "kind"),
    [("amount", 3000, "amount"), ("currency", "USD", "amount"), ("refunded", 5, "refunded")],
)
def test_other_sums_are_found(paid, now, column, value, kind):
    OfflineCharge.objects.update(**{column: value})
    assert found(now) == [kind]


def test_a_difference_is_told_once_however_often_it_is_seen(paid, now):
    OfflineCharge.objects.update(status="declined")
    assert found(now) == found(now + LATER) == ["status"]
    assert len(said("billing.reconciliation_differed.v1")) == 1


def test_nothing_is_mended(paid, now):
    OfflineCharge.objects.update(status="declined")
    found(now)
    paid.refresh_from_db()
    assert paid.state == "succeeded"


def test_without_a_provider_there_is_nothing_to_compare(settings, now):
    settings.PAYMENT_PROVIDER = "manual"
    assert reconciling.reconcile(now=now) is None
