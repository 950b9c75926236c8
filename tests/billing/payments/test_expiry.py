"""Cards that expire soon are told of in time, and once."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from domains.billing.models import PaymentMethod
from domains.billing.services.payments.expiry import tell_of_expiry
from tests.billing.conftest import NOW
from tests.billing.payments.conftest import attach, said

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.mark.parametrize(("days", "told"), [(31, 0), (30, 1), (1, 1), (-1, 1)])
def test_a_default_card_is_told_of_a_month_before(organization_id, days, told):
    attach(organization_id)
    expires_on = (NOW + timedelta(days=days)).date()
    PaymentMethod.objects.within(organization_id).update(expires_on=expires_on)
    assert tell_of_expiry(now=NOW) == told
    assert tell_of_expiry(now=NOW) == 0
    assert len(said("billing.payment_method_expiring.v1")) == told


def test_other_cards_are_not_told_of(organization_id):
    attach(organization_id)
    attach(organization_id, "pm_card_expires_soon")
    assert tell_of_expiry(now=NOW.replace(month=11)) == 0
    expiring = PaymentMethod.objects.within(organization_id).get(reference="pm_card_expires_soon")
    assert expiring.expires_on == date(2026, 11, 30)
