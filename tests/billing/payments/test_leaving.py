"""An erased organization's cards are let go of: at the provider, and here."""

from __future__ import annotations

import pytest

from domains.billing.contract.errors import PaymentProviderUnavailable
from domains.billing.models import Dunning, OfflineMethod, PaymentMethod
from domains.billing.services.payments import dunning, methods, providers
from domains.billing.services.payments.offline import OfflineProvider
from domains.billing.services.subscriptions.ending import end_with_organization
from domains.billing.tasks import forget_rest_of_erased
from kernel import clock
from kernel.db import transaction
from tests.billing.payments.conftest import attach, owed_by

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def erased(organization_id, deliver_events):
    """An organization that was erased while it owed something."""
    attach(organization_id)
    attach(organization_id, "pm_card_mastercard")
    [method, _] = methods.list_attached(organization_id=organization_id)
    with transaction("billing"):
        dunning.record_failure(
            invoice=owed_by(organization_id), reason="declined", method=method, now=clock.now()
        )
    end_with_organization(organization_id=organization_id, now=clock.now())
    return organization_id


def kept(organization_id):
    return PaymentMethod.objects.within(organization_id).count(), OfflineMethod.objects.count()


def test_they_go_with_the_organization_and_what_is_owed_stays(erased, deliver_events):
    deliver_events()
    assert kept(erased) == (0, 0)
    assert Dunning.objects.within(erased).get().method is None


def test_a_provider_that_is_away_is_asked_again_the_next_day(erased, deliver_events, monkeypatch):
    class Away(OfflineProvider):
        def detach(self, *, reference, customer):
            raise PaymentProviderUnavailable

    with monkeypatch.context() as away:
        away.setitem(providers.PROVIDERS, "test", Away())
        with pytest.raises(PaymentProviderUnavailable):
            deliver_events()
    assert kept(erased) == (2, 2)
    forget_rest_of_erased(now=clock.now())
    deliver_events()
    assert kept(erased) == (0, 0)
