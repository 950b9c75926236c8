"""Payment methods as members see them, over HTTP."""

from __future__ import annotations

import pytest

from domains.billing.contract.payment_errors import PaymentMethodInUse
from domains.billing.models import OfflineMethod, PaymentMethod
from domains.billing.services.payments import methods, own_methods
from domains.billing.services.payments.port import Method
from kernel.errors import Forbidden
from kernel.ids import uuid7
from kernel.permissions import Role
from tests.billing.conftest import NOW, at_once, put_on
from tests.billing.payments.conftest import attach
from tests.principals import member_of

pytestmark = pytest.mark.django_db(databases="__all__")


def attached(owner, token="pm_card_visa"):
    return own_methods.attach(principal=owner, reference=token, now=NOW)


def shown(owner):
    return [
        (method.reference, method.is_default)
        for method in own_methods.list_methods(principal=owner)
    ]


def test_the_first_method_is_the_default_and_later_ones_are_not(owner):
    attached(owner)
    attached(owner, "pm_card_mastercard")
    assert shown(owner) == [("pm_card_visa", True), ("pm_card_mastercard", False)]


def test_attaching_again_is_the_same_method(owner):
    assert attached(owner).id == attached(owner).id


def test_another_default_takes_the_place_of_the_first(owner):
    attached(owner)
    other = attached(owner, "pm_card_mastercard")
    own_methods.choose_default(principal=owner, method_id=other.id, now=NOW)
    assert shown(owner) == [("pm_card_mastercard", True), ("pm_card_visa", False)]


def test_a_detached_method_is_gone_here_and_at_the_provider(owner):
    method = attached(owner)
    own_methods.detach(principal=owner, method_id=method.id, now=NOW)
    assert shown(owner) == []
    assert not OfflineMethod.objects.exists()


def test_after_the_default_is_detached_the_newest_other_one_is_it(owner):
    first = attached(owner)
    attached(owner, "pm_card_mastercard")
    own_methods.detach(principal=owner, method_id=first.id, now=NOW)
    assert shown(owner) == [("pm_card_mastercard", True)]


def test_the_last_method_stays_while_a_subscription_is_to_be_paid(owner):
    put_on(owner, "pro", "pm_card_visa")
    [method] = own_methods.list_methods(principal=owner)
    with pytest.raises(PaymentMethodInUse):
        own_methods.detach(principal=owner, method_id=method.id, now=NOW)
    attached(owner, "pm_card_mastercard")
    own_methods.detach(principal=owner, method_id=method.id, now=NOW)
    assert shown(owner) == [("pm_card_mastercard", True)]


@pytest.mark.parametrize("role", [Role.MEMBER, Role.VIEWER])
def test_only_owners_and_admins_have_to_do_with_methods(role):
    someone = member_of(uuid7(), role)
    for work in (own_methods.list_methods, own_methods.set_up):
        options = {} if work is own_methods.list_methods else {"now": NOW}
        with pytest.raises(Forbidden):
            work(principal=someone, **options)
    with pytest.raises(Forbidden):
        attached(someone)


def test_a_card_that_the_provider_renewed_is_told_of_again(owner):
    method = attached(owner)
    method.expiry_told_at = NOW
    method.save()
    renewed = Method(reference=method.reference, brand="visa", last4="1111", expires_on=NOW.date())
    methods.refresh(method, renewed, now=NOW)
    row = PaymentMethod.objects.within(owner.organization_id).get()
    assert (row.last4, row.expires_on, row.expiry_told_at) == ("1111", NOW.date(), None)


def test_a_card_that_is_gone_there_is_detached_here(owner):
    methods.refresh(attached(owner), None, now=NOW)
    assert shown(owner) == []


@pytest.mark.django_db(databases="__all__", transaction=True)
def test_many_attached_at_once_are_one_with_one_default(organization_id):
    tokens = ["pm_card_visa", "pm_card_mastercard"] * 4
    results = at_once(8, lambda n: attach(organization_id, tokens[n]).reference)
    assert set(results) == {"pm_card_visa", "pm_card_mastercard"}
    rows = PaymentMethod.objects.within(organization_id)
    assert (rows.count(), rows.filter(is_default=True).count()) == (2, 1)
