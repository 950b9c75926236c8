"""What staff can do with billing's rows, through Django's own admin."""

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.urls import reverse

from domains.auth import interface as auth
from domains.billing.models import Customer, Invoice, OfflineCharge, PaymentIntent
from kernel import clock
from kernel.crypto import new_secret
from tests.billing.conftest import intents_of, plan_of, put_on, said_by_billing

pytestmark = pytest.mark.django_db(databases="__all__")

MODELS = [Customer, PaymentIntent, OfflineCharge]


@pytest.fixture
def staff(client):
    """A superuser's browser."""
    account = auth.ensure_account(email="staff@example.com", password=new_secret(), staff=True)
    client.force_login(get_user_model().objects.get(id=account.id))
    return client


@pytest.fixture
def rows(owner):
    """One row of each model."""
    put_on(owner, "pro", "pm_card_requires_confirmation", now=clock.now())
    return intents_of(owner)[0]


def list_of(model):
    return reverse(f"admin:domains_billing_{model._meta.model_name}_changelist")


@pytest.mark.parametrize("model", MODELS)
def test_every_model_is_listed_and_shown(staff, rows, model):
    assert staff.get(list_of(model)).status_code == 200
    row = model.objects.get()
    page = reverse(f"admin:domains_billing_{model._meta.model_name}_change", args=[row.pk])
    assert staff.get(page).status_code == 200


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("term", ["pro", "%", "'", "0192f0c1-7c5e-7d4a-9b1e-3f2a1c0d4e5f"])
def test_any_search_is_answered(staff, rows, model, term):
    assert staff.get(list_of(model), {"q": term}).status_code == 200


@pytest.mark.parametrize("model", MODELS)
def test_a_row_is_found_by_its_id(staff, rows, model):
    row = model.objects.get()
    assert str(row.pk) in staff.get(list_of(model), {"q": str(row.pk)}).content.decode()


@pytest.mark.parametrize("model", MODELS)
def test_nobody_writes_by_hand(rf, rows, model):
    request = rf.get("/")
    request.user = get_user_model()(is_staff=True, is_superuser=True)
    shown = admin.site._registry[model]
    assert shown.has_view_permission(request)
    assert not shown.has_add_permission(request)
    assert shown.has_change_permission(request) is (model is Customer)
    assert not shown.has_delete_permission(request)


def test_a_superuser_confirms_a_charge_as_the_customer_would(staff, owner, rows, deliver_events):
    chosen = {"action": "confirm", "_selected_action": [rows.reference], "reason": "A test"}
    assert staff.post(list_of(OfflineCharge), chosen).status_code == 302
    deliver_events()
    assert plan_of(owner) == "pro"


def test_other_staff_are_not_offered_to_confirm(rf, rows):
    request = rf.get("/")
    request.user = get_user_model()(is_staff=True)
    assert admin.site._registry[OfflineCharge].get_actions(request) == {}


def exempt(staff, owner, why: str, **also):
    row = Customer.objects.within(owner.organization_id).get()
    page = reverse("admin:domains_billing_customer_change", args=[row.pk])
    given = {"tax_exempt_reason": why, "plan": "business", **also}
    return staff.post(page, given)


def test_staff_exempt_a_customer_from_taxes_for_a_reason(staff, owner, settings):
    settings.INVOICE_SELLER_COUNTRY = "DE"
    put_on(owner, "pro", "pm_card_visa")
    assert exempt(staff, owner, "An embassy").status_code == 200
    assert Customer.objects.within(owner.organization_id).get().tax_exempt_reason == ""
    assert exempt(staff, owner, "An embassy", reason="Note of 2 March").status_code == 302
    put_on(owner, "business")
    before, after = Invoice.objects.within(owner.organization_id).order_by("id")
    assert (before.buyer["tax_exempt_reason"], before.tax) == ("", 551)
    assert (after.buyer["tax_exempt_reason"], after.tax) == ("An embassy", -551)
    assert {each["reason"] for each in after.taxes} == {"", "exempt"}
    assert "billing.profile_changed.v1" in said_by_billing()


def test_staff_change_nothing_else_of_a_customer(staff, owner):
    put_on(owner, "pro", "pm_card_visa")
    exempt(staff, owner, "An embassy", reason="Note of 2 March")
    assert plan_of(owner) == "pro"
    exempt(staff, owner, "", reason="It moved out")
    assert Customer.objects.within(owner.organization_id).get().tax_exempt_reason == ""
